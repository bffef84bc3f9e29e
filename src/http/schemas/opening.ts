import { z } from 'zod';
import { parseNextPath } from '../../access/entry/nextPath.ts';
import { ofUser } from './user.ts';

const path = z.string('must be a string').transform((text, context) => {
  const parsed = parseNextPath(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'must be a path at the workbench that begins with /' });
  return z.NEVER;
});

export const opening = { query: ofUser, body: z.strictObject({ path: path.optional() }) };

const item = z.strictObject({ url: z.url(), expires_at: z.iso.datetime().optional() });

/** A URL that leads a browser into a workbench. */
export type OpeningItem = z.infer<typeof item>;

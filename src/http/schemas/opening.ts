import { z } from 'zod';
import { parseNextPath } from '../../access/entry/nextPath.ts';
import type { Answer } from './Call.ts';
import { ofUser } from './user.ts';

const path = z
  .string('must be a string')
  .transform((text, context) => {
    const parsed = parseNextPath(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: 'must be a path at the workbench that begins with /' });
    return z.NEVER;
  })
  .pipe(z.string())
  .meta({ description: 'Where to go at the workbench', examples: ['/lab?reset'] });

export const opening = { query: ofUser, body: z.strictObject({ path: path.optional() }) };

export const openingItem = z.strictObject({
  url: z.url().meta({ description: 'Serves once, for a minute; with authentication off, always' }),
  expires_at: z.iso.datetime().optional(),
});

/** A URL that leads a browser into a workbench. */
export type OpeningItem = z.infer<typeof openingItem>;

const example: OpeningItem = {
  url: 'https://cloud.example.net/project/0a1b2c3d4e5f60718/.workbench/enter?t=eyJ3aWQi&next=%2F',
  expires_at: '2026-11-25T08:31:00.000Z',
};

export const openingAnswer: Answer = {
  description: 'The way in, for one browser',
  body: {
    schema: z.strictObject({ success: z.literal(true), item: openingItem }),
    example: { success: true, item: example },
  },
};

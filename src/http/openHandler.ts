import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Openings } from '../access/entry/createOpenings.ts';
import { parseNextPath } from '../access/entry/nextPath.ts';
import { beingDestroyed } from '../workbench/model/errors.ts';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import { bodyFaults, checked, userFaults, userOf } from './requestSchemas.ts';

export type OpenDependencies = Readonly<{
  service: Readonly<{ get: (userId: string, id: string) => Promise<WorkbenchView> }>;
  openings: Openings;
}>;

const path = z.string('must be a string').transform((text, context) => {
  const parsed = parseNextPath(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'must be a path at the workbench that begins with /' });
  return z.NEVER;
});
const openBody = z.strictObject({ path: path.optional() });

/** A URL that lets the browser which opens it into this workbench, as this user. */
export function openHandler({ service, openings }: OpenDependencies) {
  return async (request: Request, response: Response): Promise<void> => {
    const body = openBody.safeParse(request.body ?? {});
    const faults = [...userFaults(request, response), ...bodyFaults(body)];
    const userId = checked(faults, () => userOf(request, response));
    const { workbench } = await service.get(userId, String(request.params['workbenchId']));
    if (workbench.destroy) throw beingDestroyed();
    const { url, expiresAt } = openings(workbench.id, workbench.userId, body.data?.path ?? '/');
    const item = { url, ...(expiresAt ? { expires_at: expiresAt.toISOString() } : {}) };
    response.json({ success: true, item });
  };
}

import type { Request, Response } from 'express';
import type { Openings } from '../access/entry/createOpenings.ts';
import { beingDestroyed } from '../workbench/model/errors.ts';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import { readRequest } from './readRequest.ts';
import { type OpeningItem, opening } from './schemas/opening.ts';

export type OpenDependencies = Readonly<{
  service: Readonly<{ get: (userId: string, id: string) => Promise<WorkbenchView> }>;
  openings: Openings;
}>;

/** A URL that lets the browser which opens it into this workbench, as this user. */
export function openHandler({ service, openings }: OpenDependencies) {
  return async (request: Request, response: Response): Promise<void> => {
    const { userId, body } = readRequest(request, response, opening);
    const { workbench } = await service.get(userId, String(request.params['workbenchId']));
    if (workbench.destroy) throw beingDestroyed();
    const { url, expiresAt } = openings(workbench.id, workbench.userId, body.path ?? '/');
    const item: OpeningItem = { url, ...(expiresAt ? { expires_at: expiresAt.toISOString() } : {}) };
    response.json({ success: true, item });
  };
}

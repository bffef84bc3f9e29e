import { type RequestHandler, Router } from 'express';
import type { Quota } from '../workbench/createWorkbenchService.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';
import { readRequest } from './readRequest.ts';
import { asking, type LimitsItem } from './schemas/limits.ts';

/** What a user may have, and has. */
export function limitsRouter({
  service,
}: Readonly<{ service: Readonly<{ quotas: (userId: string) => Promise<Quota> }> }>): RequestHandler {
  const router = Router();
  router
    .route('/limits')
    .get(async (request, response) => {
      const { userId } = readRequest(request, response, asking);
      response.json({ success: true, item: itemOf(await service.quotas(userId)) });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

function itemOf({ limits, usage }: Quota): LimitsItem {
  const most = (max: number | undefined) => (max === undefined ? {} : { max });
  return {
    workbenches: { ...most(limits.workbenches), used: usage.workbenches },
    running: { ...most(limits.running), used: usage.running },
    cpu: most(limits.cpu),
    memory: most(limits.memory),
  };
}

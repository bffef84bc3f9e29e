import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { noSuchWorkbench } from '../workbench/errors.ts';
import type { WorkbenchService } from '../workbench/WorkbenchService.ts';
import type { WorkbenchView } from '../workbench/WorkbenchView.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';
import { presentWorkbench } from './presentWorkbench.ts';
import { readCommand, readCreate, readUser } from './requestSchemas.ts';

const workbenchId = /^[0-9a-f]{8,40}$/;

/** The six calls: parse, one service call, present. */
export function workbenchesRouter(service: WorkbenchService, baseUrl: () => string): RequestHandler {
  const router = Router();
  const item = (view: WorkbenchView): object => ({ success: true, item: presentWorkbench(view, baseUrl()) });

  router
    .route('/workbenches')
    .get(async (request, response) => {
      const views = await service.list(readUser(request, response));
      response.json({ success: true, items: views.map((view) => presentWorkbench(view, baseUrl())) });
    })
    .post(async (request, response) => {
      const { userId, body, idempotencyKey } = readCreate(request, response);
      const view = await service.create({
        userId,
        name: body.workbench_name,
        cpu: body.requested_cpu,
        memory: body.requested_memory,
        idempotencyKey,
      });
      response.status(201).json(item(view));
    })
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));

  router
    .route('/workbenches/:workbenchId')
    .all(knownId)
    .get(async (request, response) => {
      const userId = readUser(request, response);
      response.json(item(await service.get(userId, request.params.workbenchId)));
    })
    .delete(async (request, response) => {
      const userId = readCommand(request, response);
      response.json(item(await service.destroy(userId, request.params.workbenchId)));
    })
    .all(methodNotAllowed('GET', 'HEAD', 'DELETE'));

  for (const command of ['start', 'stop'] as const) {
    router
      .route(`/workbenches/:workbenchId/${command}`)
      .all(knownId)
      .post(async (request, response) => {
        const userId = readCommand(request, response);
        response.json(item(await service[command](userId, request.params.workbenchId ?? '')));
      })
      .all(methodNotAllowed('POST'));
  }
  return router;
}

/** What can't be an id is nobody's workbench. */
function knownId(request: Request, _response: Response, next: NextFunction): void {
  const id = request.params['workbenchId'];
  if (typeof id !== 'string' || !workbenchId.test(id)) throw noSuchWorkbench();
  next();
}

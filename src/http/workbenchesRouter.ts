import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { noSuchWorkbench } from '../workbench/model/errors.ts';
import { isWorkbenchId } from '../workbench/model/Workbench.ts';
import { type EventsDependencies, eventsHandler } from './eventsHandler.ts';
import { type ListDependencies, listHandler } from './listHandler.ts';
import { type LogsDependencies, logsHandler } from './logsHandler.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';
import { nextView } from './nextView.ts';
import { type OpenDependencies, openHandler } from './openHandler.ts';
import { readRequest } from './readRequest.ts';
import { polling } from './schemas/waiting.ts';
import { changing, commanding, creating } from './schemas/workbenches.ts';
import { sendItem } from './sendItem.ts';

export type RouterDependencies = EventsDependencies & OpenDependencies & ListDependencies & LogsDependencies;

/** The calls and the event stream: parse, one service call, present. */
export function workbenchesRouter(dependencies: RouterDependencies): RequestHandler {
  const { service, renderer } = dependencies;
  const router = Router();

  router
    .route('/workbenches')
    .get(listHandler(dependencies))
    .post(async (request, response) => {
      const { userId, body, headers } = readRequest(request, response, creating);
      const view = await service.create({
        userId,
        name: body.workbench_name,
        profile: body.profile,
        cpu: body.requested_cpu,
        memory: body.requested_memory,
        idempotencyKey: headers['Idempotency-Key'],
      });
      sendItem(request, response.status(201), renderer, view);
    })
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));

  router
    .route('/workbenches/:workbenchId')
    .all(knownId)
    .get(async (request, response) => {
      const { userId, query } = readRequest(request, response, polling);
      const { workbenchId } = request.params;
      const view = await service.get(userId, workbenchId);
      if (!query.wait) sendItem(request, response, renderer, view);
      else {
        const changed = await nextView(dependencies, request, response, view, query.wait);
        sendItem(request, response, renderer, changed ?? (await service.get(userId, workbenchId)));
      }
    })
    .patch(async (request, response) => {
      const { userId, body } = readRequest(request, response, changing);
      const { workbench_name: name, profile, requested_cpu: cpu, requested_memory: memory } = body;
      const view = await service.change(userId, request.params.workbenchId, { name, profile, cpu, memory });
      sendItem(request, response, renderer, view);
    })
    .delete(async (request, response) => {
      const { userId } = readRequest(request, response, commanding);
      sendItem(request, response, renderer, await service.destroy(userId, request.params.workbenchId));
    })
    .all(methodNotAllowed('GET', 'HEAD', 'PATCH', 'DELETE'));

  router
    .route('/workbenches/:workbenchId/events')
    .all(knownId)
    .head(methodNotAllowed('GET'))
    .get(eventsHandler(dependencies))
    .all(methodNotAllowed('GET'));

  router
    .route('/workbenches/:workbenchId/logs')
    .all(knownId)
    .get(logsHandler(dependencies))
    .all(methodNotAllowed('GET', 'HEAD'));

  router
    .route('/workbenches/:workbenchId/open')
    .all(knownId)
    .post(openHandler(dependencies))
    .all(methodNotAllowed('POST'));

  for (const command of ['start', 'stop'] as const) {
    router
      .route(`/workbenches/:workbenchId/${command}`)
      .all(knownId)
      .post(async (request, response) => {
        const { userId } = readRequest(request, response, commanding);
        sendItem(request, response, renderer, await service[command](userId, request.params.workbenchId ?? ''));
      })
      .all(methodNotAllowed('POST'));
  }
  return router;
}

/** What can't be an id is nobody's workbench. */
function knownId(request: Request, _response: Response, next: NextFunction): void {
  const id = request.params['workbenchId'];
  if (typeof id !== 'string' || !isWorkbenchId(id)) throw noSuchWorkbench();
  next();
}

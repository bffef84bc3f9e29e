import { type RequestHandler, Router } from 'express';
import { methodNotAllowed } from './methodNotAllowed.ts';

/** Resolves when the cloud answers. @throws UnavailableError, UpstreamError */
export type Probe = () => Promise<void>;

/** Liveness: this process answers. Readiness: so does the cloud. Neither needs a token. */
export function healthRouter(probe: Probe): RequestHandler {
  const router = Router();
  router
    .route('/healthz')
    .get((_request, response) => {
      response.json({ success: true, status: 'ok' });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/readyz')
    .get(async (_request, response) => {
      await probe();
      response.json({ success: true, status: 'ready' });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

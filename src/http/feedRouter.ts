import { type RequestHandler, Router } from 'express';
import { type FeedDependencies, feedHandler } from './feedHandler.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';

/** One stream for all that the caller may see. */
export function feedRouter(dependencies: FeedDependencies): RequestHandler {
  const router = Router();
  router.route('/events').head(methodNotAllowed('GET')).get(feedHandler(dependencies)).all(methodNotAllowed('GET'));
  return router;
}

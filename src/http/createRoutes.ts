import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Authenticator } from '../access/bearer/createAuthenticator.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { Profiles } from '../workbench/model/Profile.ts';
import { authenticate } from './authenticate.ts';
import { documentsRouter } from './documentsRouter.ts';
import { errorHandler } from './errorHandler.ts';
import type { FeedDependencies } from './feedHandler.ts';
import { feedRouter } from './feedRouter.ts';
import { healthRouter, type Probe } from './healthRouter.ts';
import { jsonBody } from './jsonBody.ts';
import { limitsRouter } from './limitsRouter.ts';
import { meRouter } from './meRouter.ts';
import type { Middleware } from './middleware.ts';
import { profilesRouter } from './profilesRouter.ts';
import { type RouterDependencies, workbenchesRouter } from './workbenchesRouter.ts';

export type RoutesDependencies = Readonly<{
  router: RouterDependencies & FeedDependencies;
  /** Before all that asks for a token. */
  routers: readonly RequestHandler[];
  profiles: Pick<Profiles, 'all' | 'usual'>;
  probe: Probe;
  /** The API as OpenAPI has it. */
  describe: () => object;
  logger: Logger;
  urlPrefix: string;
  authenticator: Authenticator;
}>;

/** Every call, behind the first steps that each request takes. */
export function createRoutes(dependencies: RoutesDependencies, firstSteps: readonly Middleware[] = []): Express {
  const { router, routers, profiles, probe, describe, logger, urlPrefix, authenticator } = dependencies;
  const prefix = urlPrefix || '/';
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  if (firstSteps.length > 0) app.use(...firstSteps);
  app.use(healthRouter(probe));
  app.use(prefix, healthRouter(probe), documentsRouter(describe));
  for (const open of routers) app.use(prefix, open);
  const about = [meRouter(), profilesRouter(profiles), limitsRouter(router), feedRouter(router)];
  app.use(prefix, authenticate(authenticator), jsonBody, ...about, workbenchesRouter(router));
  app.use(() => {
    throw new NotFoundError('There is nothing here; /docs/ has the calls');
  });
  app.use(errorHandler(logger));
  return app;
}

import cors from 'cors';
import express from 'express';
import type { Logger } from 'pino';
import type { Gateway } from '../gateway/createGateway.ts';
import { NotFoundError } from '../lib/errors.ts';
import { accessLog } from './accessLog.ts';
import { type Authenticate, authenticate } from './authenticate.ts';
import type { App } from './createServer.ts';
import { errorHandler } from './errorHandler.ts';
import { healthRouter, type Probe } from './healthRouter.ts';
import { jsonBody } from './jsonBody.ts';
import { refuseForeignPages } from './refuseForeignPages.ts';
import { requestId } from './requestId.ts';
import { type RouterDependencies, workbenchesRouter } from './workbenchesRouter.ts';

const exposedHeaders = ['X-Request-Id', 'Retry-After', 'Allow', 'ETag', 'Age'];

export type AppDependencies = Readonly<{
  router: RouterDependencies;
  gateway: Gateway | undefined;
  probe: Probe;
  logger: Logger;
  urlPrefix: string;
  corsOrigins: readonly string[];
  authenticated: boolean;
  authenticate: Authenticate;
}>;

export function createApp(dependencies: AppDependencies): App {
  const { router, gateway, probe, logger, urlPrefix, corsOrigins, authenticated } = dependencies;
  const prefix = urlPrefix || '/';
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestId, accessLog(logger));
  if (gateway) app.use(gateway.handle);
  app.use((_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    next();
  });
  if (corsOrigins.length > 0) {
    const origin = corsOrigins.includes('*') ? '*' : [...corsOrigins];
    app.use(cors({ origin, exposedHeaders, maxAge: 600 }));
  }
  app.use(healthRouter(probe));
  app.use(prefix, healthRouter(probe));
  if (!authenticated) app.use(refuseForeignPages(corsOrigins));
  app.use(prefix, authenticate(dependencies.authenticate), jsonBody, workbenchesRouter(router));
  app.use(() => {
    throw new NotFoundError('There is nothing here; the README lists the calls');
  });
  app.use(errorHandler(logger));
  // It takes `next` as routers do; its types forbid that with node's own requests.
  return app as App;
}

import cors from 'cors';
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { Gateway } from '../gateway/createGateway.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { WorkbenchService } from '../workbench/WorkbenchService.ts';
import { accessLog } from './accessLog.ts';
import { type AuthenticationConfig, authenticate, createAuthenticate } from './authenticate.ts';
import { errorHandler } from './errorHandler.ts';
import { healthRouter, type Probe } from './healthRouter.ts';
import { jsonBody } from './jsonBody.ts';
import { refuseForeignPages } from './refuseForeignPages.ts';
import { requestId } from './requestId.ts';
import { workbenchesRouter } from './workbenchesRouter.ts';

const exposedHeaders = ['X-Request-Id', 'Retry-After', 'Allow', 'ETag', 'Age'];

export type AppDependencies = Readonly<{
  service: WorkbenchService;
  gateway: Gateway | undefined;
  probe: Probe;
  logger: Logger;
  /** Without a trailing slash; known once the server listens. */
  baseUrl: () => string;
  urlPrefix: string;
  corsOrigins: readonly string[];
  authentication: AuthenticationConfig;
}>;

export function createApp(dependencies: AppDependencies): Express {
  const { service, gateway, probe, logger, baseUrl, urlPrefix, corsOrigins, authentication } = dependencies;
  const prefix = urlPrefix || '/';
  const authenticated = Boolean(authentication.staticKey || authentication.jwtKey);
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
  app.use(prefix, authenticate(createAuthenticate(authentication)), jsonBody, workbenchesRouter(service, baseUrl));
  app.use(() => {
    throw new NotFoundError('There is nothing here; the README lists the calls');
  });
  app.use(errorHandler(logger));
  return app;
}

import cors from 'cors';
import express, { type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Authenticator } from '../access/bearer/createAuthenticator.ts';
import type { ForProxies } from '../gateway/createGateway.ts';
import { NotFoundError } from '../lib/errors.ts';
import { accessLog } from './accessLog.ts';
import { authenticate } from './authenticate.ts';
import type { App } from './createServer.ts';
import { errorHandler } from './errorHandler.ts';
import { createFastPoll, type FastPollDependencies } from './fastPoll.ts';
import { healthRouter, type Probe } from './healthRouter.ts';
import { jsonBody } from './jsonBody.ts';
import { limitsRouter } from './limitsRouter.ts';
import { meRouter } from './meRouter.ts';
import { type Middleware, passThrough } from './middleware.ts';
import { createProxyCalls } from './proxyCalls.ts';
import { requestId } from './requestId.ts';
import { safeHeaders } from './safeHeaders.ts';
import { type RouterDependencies, workbenchesRouter } from './workbenchesRouter.ts';

const exposedHeaders = ['X-Request-Id', 'Retry-After', 'Allow', 'ETag', 'Age'];

export type AppDependencies = Readonly<{
  router: RouterDependencies;
  /** Before all that asks for a token. */
  routers: readonly RequestHandler[];
  peek: FastPollDependencies['peek'];
  probe: Probe;
  logger: Logger;
  urlPrefix: string;
  corsOrigins: readonly string[];
  authenticator: Authenticator;
  forProxies: ForProxies | undefined;
}>;

/**
 * The door of the API. Every request takes the same first steps; then a poll that memory can answer is answered, and
 * all else is routed by Express.
 */
export function createApp(dependencies: AppDependencies): App {
  const { router, routers, peek, probe, logger, urlPrefix, corsOrigins, authenticator, forProxies } = dependencies;
  const prefix = urlPrefix || '/';
  const everywhere: readonly Middleware[] = [requestId, accessLog(logger), safeHeaders];
  const firstSteps: readonly Middleware[] = [
    ...everywhere,
    ...(corsOrigins.length > 0 ? [corsHeaders(corsOrigins)] : []),
  ];

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(...firstSteps);
  app.use(healthRouter(probe));
  app.use(prefix, healthRouter(probe));
  for (const open of routers) app.use(prefix, open);
  app.use(prefix, authenticate(authenticator), jsonBody, meRouter(), limitsRouter(router), workbenchesRouter(router));
  app.use(() => {
    throw new NotFoundError('There is nothing here; the README lists the calls');
  });
  app.use(errorHandler(logger));

  const proxyCall = createProxyCalls(forProxies, urlPrefix);
  const fastPoll = createFastPoll({ peek, renderer: router.renderer, authenticator, urlPrefix });
  return (request, response, next) => {
    // Its types forbid `next` with node's own requests, but it takes it as routers do.
    const takeLongWay = () => (app as App)(request, response, next);
    const toProxy = proxyCall(request);
    if (toProxy) return passThrough(everywhere, request, response, () => toProxy(response));
    try {
      const answer = fastPoll(request);
      if (!answer) return takeLongWay();
      passThrough(firstSteps, request, response, (error) => (error ? takeLongWay() : answer(response)));
    } catch {
      // What fails here fails on the long way too, and there it is told.
      takeLongWay();
    }
  };
}

function corsHeaders(origins: readonly string[]): Middleware {
  return cors({ origin: origins.includes('*') ? '*' : [...origins], exposedHeaders, maxAge: 600 });
}

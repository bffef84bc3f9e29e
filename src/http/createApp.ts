import cors from 'cors';
import type { ForProxies } from '../gateway/createGateway.ts';
import { accessLog } from './accessLog.ts';
import { createRoutes, type RoutesDependencies } from './createRoutes.ts';
import type { App } from './createServer.ts';
import { createFastPoll, type FastPollDependencies } from './fastPoll.ts';
import { type Middleware, passThrough } from './middleware.ts';
import { createProxyCalls } from './proxyCalls.ts';
import { requestId } from './requestId.ts';
import { safeHeaders } from './safeHeaders.ts';

const exposedHeaders = ['X-Request-Id', 'Retry-After', 'Allow', 'ETag', 'Age'];

export type AppDependencies = RoutesDependencies &
  Readonly<{
    peek: FastPollDependencies['peek'];
    corsOrigins: readonly string[];
    forProxies: ForProxies | undefined;
  }>;

/**
 * The door of the API. Every request takes the same first steps; then a poll that memory can answer is answered, and
 * all else is routed by Express.
 */
export function createApp(dependencies: AppDependencies): App {
  const { router, peek, logger, urlPrefix, corsOrigins, authenticator, forProxies } = dependencies;
  const everywhere: readonly Middleware[] = [requestId, accessLog(logger), safeHeaders];
  const firstSteps: readonly Middleware[] = [
    ...everywhere,
    ...(corsOrigins.length > 0 ? [corsHeaders(corsOrigins)] : []),
  ];

  const routes = createRoutes(dependencies, firstSteps);
  const proxyCall = createProxyCalls(forProxies, urlPrefix);
  const fastPoll = createFastPoll({ peek, renderer: router.renderer, authenticator, urlPrefix });
  return (request, response, next) => {
    // Its types forbid `next` with node's own requests, but it takes it as routers do.
    const takeLongWay = () => (routes as App)(request, response, next);
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

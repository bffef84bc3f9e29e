import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { type AuthenticationConfig, createAuthenticator } from './authenticate.ts';
import { createApp } from './createApp.ts';
import type { App } from './createServer.ts';
import { EventStreams } from './EventStreams.ts';
import type { EventsDependencies } from './eventsHandler.ts';
import type { FastPollDependencies } from './fastPoll.ts';
import type { Probe } from './healthRouter.ts';
import { ItemRenderer } from './ItemRenderer.ts';
import { StreamLimit } from './StreamLimit.ts';

/** Enough for every tab and script of a person, few enough that no client takes them all. */
const STREAMS_PER_USER = 1_000;

export type HttpDependencies = Pick<EventsDependencies, 'service' | 'watch'> &
  Pick<FastPollDependencies, 'peek'> &
  Readonly<{
    probe: Probe;
    /** Of the workbenches, without a trailing slash; known once the server listens. */
    baseUrl: () => string;
    clock: Clock;
    logger: Logger;
  }>;

export type HttpConfig = Readonly<{
  authentication: AuthenticationConfig;
  urlPrefix: string;
  corsOrigins: readonly string[];
}>;

/** The API over the domain. */
export function createHttp(
  { service, watch, peek, probe, baseUrl, clock, logger }: HttpDependencies,
  { authentication, urlPrefix, corsOrigins }: HttpConfig,
): App {
  return createApp({
    router: {
      service,
      watch,
      renderer: new ItemRenderer(baseUrl),
      streams: new EventStreams(clock, watch.closing),
      limit: new StreamLimit(STREAMS_PER_USER),
    },
    peek,
    probe,
    logger,
    urlPrefix,
    corsOrigins,
    authenticated: Boolean(authentication.staticKey || authentication.jwtKey),
    authenticator: createAuthenticator(authentication, clock),
  });
}

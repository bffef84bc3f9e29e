import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Authenticator } from '../access/bearer/createAuthenticator.ts';
import type { Openings } from '../access/entry/createOpenings.ts';
import type { ForProxies } from '../gateway/createGateway.ts';
import type { Clock } from '../lib/clock.ts';
import { type AppDependencies, createApp } from './createApp.ts';
import type { App } from './createServer.ts';
import { EventStreams } from './EventStreams.ts';
import type { EventsDependencies } from './eventsHandler.ts';
import type { FastPollDependencies } from './fastPoll.ts';
import type { FeedDependencies } from './feedHandler.ts';
import type { Probe } from './healthRouter.ts';
import { ItemRenderer } from './ItemRenderer.ts';
import type { ListDependencies } from './listHandler.ts';
import { createDescription } from './openapi/createDescription.ts';
import { StreamLimit } from './StreamLimit.ts';

/** Enough for every tab and script of a person, few enough that no client takes them all. */
const STREAMS_PER_USER = 1_000;

export type HttpDependencies = Pick<EventsDependencies, 'service' | 'watch'> &
  Pick<FastPollDependencies, 'peek'> &
  Pick<ListDependencies, 'overview'> &
  Pick<FeedDependencies, 'feed'> &
  Readonly<{
    profiles: AppDependencies['profiles'];
    probe: Probe;
    authenticator: Authenticator;
    /** Where browsers find a workbench; known once the server listens. */
    endpointOf: (workbenchId: string) => string;
    openings: Openings;
    /** Before all that asks for a token. */
    routers: readonly RequestHandler[];
    /** Undefined: nothing here lets anybody in. */
    forProxies: ForProxies | undefined;
    clock: Clock;
    logger: Logger;
  }>;

export type HttpConfig = Readonly<{
  urlPrefix: string;
  corsOrigins: readonly string[];
  /** The API's root as browsers see it. */
  publicUrl: string | undefined;
  authenticated: boolean;
}>;

/** The API over the domain. */
export function createHttp(
  dependencies: HttpDependencies,
  { urlPrefix, corsOrigins, publicUrl, authenticated }: HttpConfig,
): App {
  const { service, watch, peek, profiles, probe, authenticator, endpointOf, openings, clock, logger } = dependencies;
  const { routers, forProxies, overview, feed } = dependencies;
  const root = publicUrl === undefined ? urlPrefix : new URL(publicUrl).pathname.replace(/\/$/, '');
  return createApp({
    router: {
      service,
      watch,
      renderer: new ItemRenderer(endpointOf),
      openings,
      overview,
      feed,
      streams: new EventStreams(clock, watch.closing),
      limit: new StreamLimit(STREAMS_PER_USER),
    },
    routers,
    profiles,
    peek,
    probe,
    describe: () => createDescription({ root, authenticated }),
    logger,
    urlPrefix,
    corsOrigins,
    authenticator,
    forProxies,
  });
}

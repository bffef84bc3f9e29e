import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Decide } from '../access/entry/createDecide.ts';
import { nextPath } from '../access/entry/nextPath.ts';
import type { Visit } from '../access/entry/visitOf.ts';
import { basePathOf } from '../access/hosts/baseUrl.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { cacheDestinations } from './cacheDestinations.ts';
import { createAdmission } from './createAdmission.ts';
import { createConnections } from './createConnections.ts';
import { createForProxies, type ForProxies, type ForProxiesOptions } from './createForProxies.ts';
import { createForwarding } from './createForwarding.ts';
import { createHeaderRules, type HeaderRulesConfig } from './createHeaderRules.ts';
import { createLiveVisits } from './createLiveVisits.ts';
import { createOwnPaths, type OwnPathsOptions } from './createOwnPaths.ts';
import { createRoutes, type Route } from './createRoutes.ts';
import type { ResolveDestination } from './destination.ts';
import { type Framing, framingOf } from './framing.ts';
import { logExchange } from './logExchange.ts';
import { createReadTarget, isOwnPath, type WorkbenchTarget } from './readTarget.ts';
import * as refusals from './refusal.ts';
import { refuseUpgrade, sendRefusal } from './sendRefusal.ts';
import { isSocket, opensWebsocket } from './tunnel.ts';

export type { ForProxies } from './createForProxies.ts';
export type { Destination, ResolveDestination } from './destination.ts';

export interface GatewayOptions
  extends HeaderRulesConfig,
    ForProxiesOptions,
    Pick<OwnPathsOptions, 'entries' | 'origins' | 'signIn' | 'start'> {
  resolve: ResolveDestination;
  /** Who may enter. It is asked for every request, so it answers at once where it can. */
  decide: Decide;
  /** Its data are going: nobody stays, whoever they are. */
  isBeingDestroyed: (workbenchId: string) => boolean;
  /** Where people go who come without a session. */
  loginUrl: string | undefined;
  logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'isLevelEnabled'>;
  /** Off: of a workbench's paths, those below `/.workbench/` alone are served; somebody else forwards. */
  forwards?: boolean;
  /** How long a task's port may take to accept a connection, over several attempts. */
  connectTimeoutMs?: number;
  /** How long a look-up of a destination is used. */
  destinationTtlMs?: number;
  /** How often open sockets are looked at again. */
  lookEveryMs?: number;
  clock?: Clock;
  newRequestId?: () => string;
}

export interface Gateway {
  /** Takes a request that is for a workbench; false: it is somebody else's. Comes before anything that reads bodies. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** For the server's `upgrade` event; false if it isn't for a workbench: the socket is then the caller's. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** A workbench has changed: whoever is in it may have to leave. */
  lookAgain(workbenchId: string): void;
  forProxies: ForProxies;
  /** Ends every connection to a task, idle or in use, and with it what was streaming or open through it. */
  close(): void;
}

/** Ids come from whoever types them into a browser. */
const maxEntries = 10_000;

/** Forwards what is for a workbench, path as it came, to that workbench's task; says what is the matter if it can't. */
export function createGateway(options: GatewayOptions): Gateway {
  const { resolve, base, logger, isBeingDestroyed, frameAncestors, forwards = true } = options;
  const { connectTimeoutMs = 2_000, destinationTtlMs: timeToLiveMs = 1_000, lookEveryMs = 30_000 } = options;
  const { clock = systemClock, newRequestId = randomUUID } = options;
  const readTarget = createReadTarget(base);
  const admission = createAdmission(options);
  const destinations = cacheDestinations({ resolve, timeToLiveMs, maxEntries, clock });
  const routes = createRoutes(admission, destinations, logger);
  const ownPaths = createOwnPaths({ ...options, admission });
  const rules = createHeaderRules(options);
  const connections = createConnections({
    connectTimeoutMs,
    clock,
    onRetry: (upstream, error) => logger.debug({ ...upstream, err: error }, 'Waiting for a task to listen'),
  });
  const live = createLiveVisits({
    mayStay: async (visit) => !isBeingDestroyed(visit.workbenchId) && (await admission.mayStay(visit)),
    lookEveryMs,
    clock,
  });
  const say = { newRequestId, frameAncestors };

  const forwarding = createForwarding({ routes, rules, connections, live });

  function answer({ request, response, target, visit, framing }: Incoming, route: Route): void {
    const refuse = (refusal: refusals.Refusal) => {
      if (!response.destroyed) sendRefusal(request, response, refusal, say);
    };
    if ('status' in route) refuse(atPath(route, target));
    else if (!response.destroyed) forwarding.request({ request, target, visit, way: route }, framing, response, refuse);
  }

  /** With the button that starts the workbench and comes back to that path. */
  function atPath(refusal: refusals.Refusal, { workbenchId, rest }: WorkbenchTarget): refusals.Refusal {
    const action = `${basePathOf(base(), workbenchId)}/.workbench/start`;
    return refusals.startable(refusal, { action, button: 'Start it', fields: { next: nextPath(rest) } });
  }

  async function open(request: IncomingMessage, socket: Socket, head: Buffer, target: WorkbenchTarget) {
    const refuse = (refusal: refusals.Refusal) => {
      if (!socket.destroyed) refuseUpgrade(socket, refusal, newRequestId());
    };
    const visit = admission.visitOf(request, target, true);
    const route = await routes.find(visit);
    if (socket.destroyed) return;
    if ('status' in route) refuse(route);
    else await forwarding.upgrade({ request, target, visit, way: route }, socket, head, refuse);
  }

  /** What this gateway serves at all. */
  function targetOf(request: IncomingMessage): ReturnType<typeof readTarget> {
    const target = readTarget(request);
    if (forwards || (target.kind === 'workbench' && isOwnPath(target.rest))) return target;
    return target.kind === 'notOurs' || base().mode === 'path' ? { kind: 'notOurs' } : { kind: 'notFound' };
  }

  async function answerAtDoor(request: IncomingMessage, response: ServerResponse, target: WorkbenchTarget) {
    try {
      const refusal = await ownPaths({ request, response, target });
      if (refusal && !response.destroyed) sendRefusal(request, response, refusal, say);
    } catch (error) {
      logger.warn({ workbench_id: target.workbenchId, err: error }, 'A request to a workbench’s door failed');
      if (!response.destroyed) sendRefusal(request, response, refusals.cloudUnavailable, say);
    }
  }

  return {
    handle(request, response) {
      const target = targetOf(request);
      if (target.kind === 'notOurs') return false;
      logExchange(request, response, logger);
      if (target.kind === 'notFound') {
        sendRefusal(request, response, refusals.refusalOf(target), say);
      } else if (target.kind === 'redirect') {
        response.writeHead(308, { Location: target.location, 'Content-Length': 0 }).end();
      } else if (isOwnPath(target.rest)) {
        void answerAtDoor(request, response, target);
      } else {
        const visit = admission.visitOf(request, target, false);
        const framing = framingOf(request.rawHeaders);
        const incoming = { request, response, target, visit, framing };
        const route = framing.kind === 'unknown' ? refusals.unknownFraming : routes.find(visit);
        if (route instanceof Promise) void route.then((one) => answer(incoming, one));
        else answer(incoming, route);
      }
      return true;
    },

    upgrade(request, socket, head) {
      const target = targetOf(request);
      if (target.kind === 'notOurs' || !isSocket(socket)) return false;
      // Node leaves the socket to us, and an error that nobody listens for ends the process.
      socket.on('error', () => socket.destroy());
      const refuse = (refusal: refusals.Refusal) => refuseUpgrade(socket, refusal, newRequestId());
      if (target.kind !== 'workbench' || isOwnPath(target.rest)) refuse(refusals.refusalOf({ kind: 'notFound' }));
      else if (!opensWebsocket(request)) refuse(refusals.notWebsocket);
      else if (framingOf(request.rawHeaders).kind !== 'none') refuse(refusals.unknownFraming);
      else void open(request, socket, head, target);
      return true;
    },

    lookAgain: live.look,

    forProxies: createForProxies({
      ...options,
      readTarget,
      admission,
      routes,
      refuse({ request, response }, { target, refusal }) {
        if (!response.destroyed) sendRefusal(request, response, target ? atPath(refusal, target) : refusal, say);
      },
    }),

    close() {
      routes.close();
      live.close();
      connections.close();
    },
  };
}

type Incoming = Readonly<{
  request: IncomingMessage;
  response: ServerResponse;
  target: WorkbenchTarget;
  visit: Visit;
  framing: Framing;
}>;

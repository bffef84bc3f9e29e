import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../lib/clock.ts';
import { cacheDestinations } from './cacheDestinations.ts';
import { UnreachableError } from './connectUpstream.ts';
import { createConnections } from './createConnections.ts';
import type { Destination, ResolveDestination, Upstream } from './destination.ts';
import { type Framing, framingOf } from './framing.ts';
import { headersToTask } from './headersToTask.ts';
import { logExchange } from './logExchange.ts';
import { createReadTarget } from './readTarget.ts';
import * as refusals from './refusal.ts';
import { relay } from './relay.ts';
import { refuseUpgrade, sendRefusal } from './sendRefusal.ts';
import { isSocket, opensWebsocket, tunnel } from './tunnel.ts';

export type { Destination, ResolveDestination } from './destination.ts';

/** Whether this request may reach this workbench: undefined if so. It is asked for every request, so it answers at once where it can. */
export type Decide = (
  request: IncomingMessage,
  workbenchId: string,
) => refusals.Refusal | undefined | Promise<refusals.Refusal | undefined>;

export interface GatewayOptions {
  /** The path of the public endpoints' base URL, such as `/project`. */
  basePath: string;
  resolve: ResolveDestination;
  decide: Decide;
  logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'isLevelEnabled'>;
  /** Set where the controller checks Authorization itself: the token is none of the workbench's business. */
  stripAuthorization?: boolean;
  /** How long a task's port may take to accept a connection, over several attempts. */
  connectTimeoutMs?: number;
  /** How long a look-up of a destination is used. */
  destinationTtlMs?: number;
  clock?: Clock;
  newRequestId?: () => string;
}

export interface Gateway {
  /** Takes a request that is for a workbench; false: it is somebody else's. Comes before anything that reads bodies. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** For the server's `upgrade` event; false if it isn't for a workbench: the socket is then the caller's. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Ends every connection to a task, idle or in use, and with it what was streaming or open through it. */
  close(): void;
}

const maxCachedDestinations = 10_000;

/** Forwards what is for a workbench, path as it came, to that workbench's task; says what is the matter if it can't. */
export function createGateway(options: GatewayOptions): Gateway {
  const { resolve, decide, logger, stripAuthorization = false, connectTimeoutMs = 2_000 } = options;
  const { destinationTtlMs = 1_000, clock = systemClock, newRequestId = randomUUID } = options;
  const { readTarget, prefixOf } = createReadTarget(options.basePath);
  const destinations = cacheDestinations({
    resolve,
    timeToLiveMs: destinationTtlMs,
    maxEntries: maxCachedDestinations,
    clock,
  });
  const connections = createConnections({
    connectTimeoutMs,
    clock,
    onRetry: (upstream, error) => logger.debug({ ...upstream, err: error }, 'Waiting for a task to listen'),
  });
  let closing = false;

  /** Where to go, or why not. Without a promise where all is known already: that is nearly always. */
  function route(request: IncomingMessage, workbenchId: string): Route | Promise<Route> {
    if (closing) return refusals.shuttingDown;
    const refusal = decide(request, workbenchId);
    if (refusal instanceof Promise) return refusal.then((one) => one ?? lookUp(workbenchId));
    if (refusal) return refusal;
    const known = destinations.peek(workbenchId);
    return known?.kind === 'running' ? known : lookUp(workbenchId);
  }

  async function lookUp(workbenchId: string): Promise<Route> {
    try {
      const destination: Destination = await destinations.get(workbenchId);
      return destination.kind === 'running' ? destination : refusals.refusalOf(destination);
    } catch (error) {
      logger.warn({ workbench_id: workbenchId, err: error }, 'No destination for a workbench');
      return refusals.cloudUnavailable;
    }
  }

  /** What to say when a running task could not be talked to: it may have stopped since the look-up. */
  async function explain(workbenchId: string, error: unknown): Promise<refusals.Refusal> {
    destinations.drop(workbenchId);
    if (closing) return refusals.shuttingDown;
    logger.debug({ workbench_id: workbenchId, err: error }, 'A task could not be talked to');
    const again = await lookUp(workbenchId);
    if ('status' in again) return again;
    return error instanceof UnreachableError ? refusals.almostThere : refusals.brokenOff;
  }

  function forward({ request, response, workbenchId, framing }: Incoming, destination: Route): void {
    const refuse = (refusal: refusals.Refusal) => {
      if (!response.destroyed) sendRefusal(request, response, refusal, newRequestId);
    };
    if ('status' in destination) {
      refuse(destination);
      return;
    }
    relay(
      {
        request,
        response,
        framing,
        headers: toTask(request, workbenchId, framing, false),
        upstream: destination,
        onFailure: (error) => void explain(workbenchId, error).then(refuse),
      },
      connections,
    );
  }

  async function openTunnel(request: IncomingMessage, socket: Socket, head: Buffer, workbenchId: string) {
    const refuse = (refusal: refusals.Refusal) => {
      if (!socket.destroyed) refuseUpgrade(socket, refusal, newRequestId());
    };
    const onFailure = async (error: unknown) => refuse(await explain(workbenchId, error));
    const upstream = await route(request, workbenchId);
    if (socket.destroyed) return;
    if ('status' in upstream) return refuse(upstream);
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    socket.once('close', leave);
    try {
      const task = await connections.open(upstream, leaving.signal);
      socket.removeListener('close', leave);
      if (socket.destroyed) return void task.destroy();
      const headers = toTask(request, workbenchId, { kind: 'none' }, true);
      tunnel({ request, socket, head, headers, upstream, onFailure: (error) => void onFailure(error) }, task);
    } catch (error) {
      await onFailure(error);
    }
  }

  function toTask(request: IncomingMessage, workbenchId: string, framing: Framing, upgrade: boolean): string[] {
    return headersToTask(request.rawHeaders, {
      method: request.method ?? 'GET',
      framing,
      http11: request.httpVersion === '1.1',
      upgrade,
      remoteAddress: request.socket.remoteAddress,
      encrypted: 'encrypted' in request.socket && request.socket.encrypted === true,
      prefix: prefixOf(workbenchId),
      stripAuthorization,
    });
  }

  return {
    handle(request, response) {
      const target = readTarget(request);
      if (target.kind === 'notOurs') return false;
      logExchange(request, response, logger);
      if (target.kind === 'notFound') {
        sendRefusal(request, response, refusals.refusalOf(target), newRequestId);
      } else if (target.kind === 'redirect') {
        response.writeHead(308, { Location: target.location, 'Content-Length': 0 }).end();
      } else {
        const { workbenchId } = target;
        const framing = framingOf(request.rawHeaders);
        const incoming = { request, response, workbenchId, framing };
        const destination = framing.kind === 'unknown' ? refusals.unknownFraming : route(request, workbenchId);
        if (destination instanceof Promise) void destination.then((one) => forward(incoming, one));
        else forward(incoming, destination);
      }
      return true;
    },

    upgrade(request, socket, head) {
      const target = readTarget(request);
      if (target.kind === 'notOurs' || !isSocket(socket)) return false;
      // Node leaves the socket to us, and an error that nobody listens for ends the process.
      socket.on('error', () => socket.destroy());
      const refuse = (refusal: refusals.Refusal) => refuseUpgrade(socket, refusal, newRequestId());
      if (target.kind !== 'workbench') refuse(refusals.refusalOf({ kind: 'notFound' }));
      else if (!opensWebsocket(request)) refuse(refusals.notWebsocket);
      else if (framingOf(request.rawHeaders).kind !== 'none') refuse(refusals.unknownFraming);
      else void openTunnel(request, socket, head, target.workbenchId);
      return true;
    },

    close() {
      closing = true;
      connections.close();
    },
  };
}

type Route = ({ kind: 'running' } & Upstream) | refusals.Refusal;
type Incoming = { request: IncomingMessage; response: ServerResponse; workbenchId: string; framing: Framing };

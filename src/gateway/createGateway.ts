import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../lib/clock.ts';
import { cacheDestinations } from './cacheDestinations.ts';
import { connectUpstream, UnreachableError } from './connectUpstream.ts';
import type { Destination, ResolveDestination } from './destination.ts';
import { forwardedHeaders } from './forwardedHeaders.ts';
import { forwardRequest, type Upstream } from './forwardRequest.ts';
import { forwardUpgrade, isSocket, opensWebsocket } from './forwardUpgrade.ts';
import { normalizeBasePath, parseGatewayPath } from './parseGatewayPath.ts';
import * as refusals from './refusal.ts';
import { refuseUpgrade, sendRefusal } from './sendRefusal.ts';
import { UpstreamAgent } from './UpstreamAgent.ts';

export type { Destination, ResolveDestination } from './destination.ts';

export interface GatewayOptions {
  /** The path of the public endpoints' base URL, such as `/project`. */
  basePath: string;
  resolve: ResolveDestination;
  /** Whether the sender of this request may reach workbenches at all. */
  mayPass: (request: IncomingMessage) => boolean;
  logger: Pick<Logger, 'debug' | 'warn'>;
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
  /** Connect-style handler, mounted at the root or at basePath, before anything that reads bodies. */
  handle(request: IncomingMessage & { originalUrl?: string }, response: ServerResponse, next: () => void): void;
  /** For the server's `upgrade` event; false if the path isn't the gateway's: the socket is then the caller's. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Ends every connection to a task, idle or in use, and with it what was streaming or open through it. */
  close(): void;
}

const idleUpstreamMs = 4_000;
const maxCachedDestinations = 10_000;

/** Forwards `<basePath>/<wid>/…`, path as it came, to the task of that workbench; says what is the matter if it can't. */
export function createGateway(options: GatewayOptions): Gateway {
  const { resolve, mayPass, logger, stripAuthorization = false, connectTimeoutMs = 2_000 } = options;
  const { destinationTtlMs = 1_000, clock = systemClock, newRequestId = randomUUID } = options;
  const basePath = normalizeBasePath(options.basePath);
  const destinations = cacheDestinations({
    resolve,
    timeToLiveMs: destinationTtlMs,
    maxEntries: maxCachedDestinations,
    clock,
  });
  const closing = new AbortController();
  // Each connection attempt listens, and there may be many: not the leak that node would warn of.
  setMaxListeners(0, closing.signal);
  const upstreams = new Set<Socket>();
  const agents = { pooled: new UpstreamAgent(open, idleUpstreamMs), fresh: new UpstreamAgent(open, 0) };

  async function open(host: string, port: number): Promise<Socket> {
    const onRetry = (error: unknown) => logger.debug({ host, port, err: error }, 'Waiting for a task to listen');
    const signal = closing.signal;
    const socket = await connectUpstream({ host, port, timeoutMs: connectTimeoutMs, signal, clock, onRetry });
    // An error that nobody listens for would end the process; whoever uses the socket learns of it from its end.
    socket.on('error', () => undefined);
    if (signal.aborted) socket.destroy();
    upstreams.add(socket);
    socket.once('close', () => upstreams.delete(socket));
    return socket;
  }

  /** Where to go, or why not. */
  async function decide(workbenchId: string): Promise<Upstream | refusals.Refusal> {
    try {
      const destination: Destination = await destinations.get(workbenchId);
      return destination.kind === 'running'
        ? { host: destination.host, port: destination.port }
        : refusals.refusalOf(destination);
    } catch (error) {
      logger.warn({ workbench_id: workbenchId, err: error }, 'No destination for a workbench');
      return refusals.cloudUnavailable;
    }
  }

  /** What to say when a running task could not be talked to: it may have stopped since the look-up. */
  async function explain(workbenchId: string, error: unknown): Promise<refusals.Refusal> {
    destinations.drop(workbenchId);
    if (closing.signal.aborted) return refusals.shuttingDown;
    logger.debug({ workbench_id: workbenchId, err: error }, 'A task could not be talked to');
    const again = await decide(workbenchId);
    if ('status' in again) return again;
    return error instanceof UnreachableError ? refusals.almostThere : refusals.brokenOff;
  }

  function refusalBefore(request: IncomingMessage): refusals.Refusal | undefined {
    if (closing.signal.aborted) return refusals.shuttingDown;
    return mayPass(request) ? undefined : refusals.notAllowed;
  }

  async function forward(request: IncomingMessage, response: ServerResponse, workbenchId: string): Promise<void> {
    const destination = await decide(workbenchId);
    if (response.destroyed) return;
    if ('status' in destination) return sendRefusal(request, response, destination, newRequestId);
    request.headers = forwardedHeaders(request, {
      prefix: `${basePath}/${workbenchId}`,
      upgrade: false,
      stripAuthorization,
    });
    try {
      await forwardRequest(request, response, destination, agents);
    } catch (error) {
      if (!response.destroyed) sendRefusal(request, response, await explain(workbenchId, error), newRequestId);
    }
  }

  async function tunnel(request: IncomingMessage, socket: Socket, head: Buffer, workbenchId: string): Promise<void> {
    const destination = await decide(workbenchId);
    if (socket.destroyed) return;
    if ('status' in destination) return refuseUpgrade(socket, destination, newRequestId());
    let upstream: Socket;
    try {
      upstream = await open(destination.host, destination.port);
    } catch (error) {
      return refuseUpgrade(socket, await explain(workbenchId, error), newRequestId());
    }
    if (socket.destroyed) {
      upstream.destroy();
      return;
    }
    request.headers = forwardedHeaders(request, {
      prefix: `${basePath}/${workbenchId}`,
      upgrade: true,
      stripAuthorization,
    });
    forwardUpgrade(request, socket, head, upstream, (error) => {
      logger.debug({ workbench_id: workbenchId, err: error }, 'A task broke off a websocket’s opening');
      refuseUpgrade(socket, refusals.brokenOff, newRequestId());
    });
  }

  return {
    handle(request, response, next) {
      // Express cuts the path at which a handler is mounted off `url`.
      const target = request.originalUrl ?? request.url ?? '';
      const path = parseGatewayPath(basePath, target);
      if (path.kind === 'notOurs') return next();
      request.url = target;
      const refusal = path.kind === 'notFound' ? refusals.refusalOf(path) : refusalBefore(request);
      if (refusal) return sendRefusal(request, response, refusal, newRequestId);
      if (path.kind === 'redirect') {
        response.writeHead(308, { Location: path.location, 'Content-Length': 0 }).end();
      } else if (path.kind === 'workbench') {
        void forward(request, response, path.workbenchId);
      }
    },

    upgrade(request, socket, head) {
      const path = parseGatewayPath(basePath, request.url ?? '');
      if (path.kind === 'notOurs' || !isSocket(socket)) return false;
      // Node leaves the socket to us, and an error that nobody listens for ends the process.
      socket.on('error', () => socket.destroy());
      const refuse = (refusal: refusals.Refusal) => refuseUpgrade(socket, refusal, newRequestId());
      const refusal = refusalBefore(request);
      if (path.kind !== 'workbench') refuse(refusals.refusalOf({ kind: 'notFound' }));
      else if (refusal) refuse(refusal);
      else if (!opensWebsocket(request)) refuse(refusals.notWebsocket);
      else void tunnel(request, socket, head, path.workbenchId);
      return true;
    },

    close() {
      closing.abort();
      agents.pooled.destroy();
      agents.fresh.destroy();
      for (const socket of upstreams) socket.destroy();
    },
  };
}

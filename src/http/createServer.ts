import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Gateway } from '../gateway/createGateway.ts';
import { Connections, isAnswered } from './Connections.ts';
import type { Admission, Door } from './createDoor.ts';
import { answerLast, answerRaw, linger, type MoreHeaders } from './lastAnswer.ts';
import { limitBody } from './limitBody.ts';
import { requestFacts } from './requestFacts.ts';
import { watchHalfClosed } from './watchHalfClosed.ts';

/** An Express app, or what stands before it. Without `next`, Express answers in HTML what it calls back for. */
export type App = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => unknown;

export type ServerLimits = Readonly<{
  /** More are answered with 503 and closed. */
  maxConnections: number;
  headersWithinMs: number;
  /** A body for the API; a workbench's may take as long as it gets on. */
  bodyWithinMs: number;
  /** How long an upload to a workbench may stand still. */
  uploadStallMs: number;
  /** How often one is looked at that has sent its last and waits for its answer. */
  halfClosedEveryMs: number;
}>;

const defaults: ServerLimits = {
  maxConnections: 20_000,
  headersWithinMs: 30_000,
  bodyWithinMs: 30_000,
  uploadStallMs: 60_000,
  halfClosedEveryMs: 500,
};

/** What node's parser says of requests that never become one, and what they are answered. */
const parserFailures: Readonly<Record<string, readonly [status: number, message: string, more?: MoreHeaders]>> = {
  // Too many cookies, perhaps a sibling's: without them the next load goes well.
  HPE_HEADER_OVERFLOW: [431, 'The URL and headers are too long: at most 16 KB', { 'Clear-Site-Data': '"cookies"' }],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunks’ extensions are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
};

const anywhere: Admission = { toWorkbenches: undefined, toApi: undefined };
/** Longer than load balancers keep idle connections, so that it is never they who find one closed. */
const KEEP_ALIVE_MS = 75_000;
const DEAD_PEER_AFTER_MS = 60_000;
/** Room for those that are just being told that there is none. */
const BEING_REFUSED = 1_000;

/** @param door undefined: any host and any origin may reach everything */
export function createServer(
  app: App,
  gateway: Gateway | undefined,
  limits: Partial<ServerLimits> = {},
  door?: Door,
): Server {
  const { maxConnections, headersWithinMs, bodyWithinMs, uploadStallMs, halfClosedEveryMs } = {
    ...defaults,
    ...limits,
  };
  const connections = new Connections();
  const server = createHttpServer({
    requireHostHeader: false,
    keepAlive: true,
    keepAliveInitialDelay: DEAD_PEER_AFTER_MS,
    headersTimeout: headersWithinMs,
    // Bodies have limits of their own.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.max(1, Math.min(5_000, headersWithinMs / 4)),
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  // A client may end its side and wait for the answer; node has no type for it.
  Object.assign(server, { httpAllowHalfOpen: true });
  // Their bytes are limited: none is left out in silence.
  server.maxHeadersCount = 0;
  server.maxConnections = maxConnections + BEING_REFUSED;

  function handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { socket } = request;
    const connection = connections.of(socket);
    if (connection.refused) return;
    connection.latest = response;
    const { ambiguity, hasBody } = requestFacts(request);
    if (ambiguity !== undefined) {
      connection.refused = true;
      answerLast(response, 400, ambiguity);
      return;
    }
    const { toWorkbenches, toApi } = door?.judge(request, false) ?? anywhere;
    const forWorkbench = !toWorkbenches && gateway?.handle(request, response);
    if (hasBody) {
      limitBody(request, response, forWorkbench ? { stallMs: uploadStallMs } : { wholeWithinMs: bodyWithinMs });
      // What node ends a connection with after an answer that says so: here the answer may come before the body has.
      socket.destroySoon = () => {
        connection.refused = true;
        if (request.complete) Socket.prototype.destroySoon.call(socket);
        else linger(socket);
      };
    }
    if (forWorkbench) return;
    if (toApi) {
      door?.turnAway(request, response, toApi);
      return;
    }
    if (expectsContinue) response.writeContinue();
    app(request, response, () => {
      // An answer that broke off can only be cut; nothing else gets past the app but what its router finds no path in.
      if (response.headersSent) socket.destroy();
      else answerLast(response, 400, 'The URL of the request can’t be read');
    });
  }

  server.on('request', (request, response) => handle(request, response, false));
  server.on('checkContinue', (request, response) => handle(request, response, true));
  // What else than 100-continue a client expects may be ignored.
  server.on('checkExpectation', (request, response) => handle(request, response, false));
  server.on('connection', (socket) => {
    const connection = connections.add(socket);
    if (!connection) return;
    if (connections.open > maxConnections) {
      connection.refused = true;
      answerRaw(socket, 503, 'There are too many connections just now; try again', { 'Retry-After': '2' });
      return;
    }
    socket.once('end', () => watchHalfClosed(socket, connection, halfClosedEveryMs));
  });
  server.on('connect', (_request, socket) => answerRaw(socket, 400, 'This is no proxy'));
  server.on('upgrade', (request, socket, head) => {
    const connection = connections.of(socket);
    const { latest, refused } = connection;
    if (refused) return;
    const websocket = /^websocket$/i.test(request.headers.upgrade ?? '');
    if (latest && !isAnswered(connection)) {
      latest.once('close', () => socket.writable && server.emit('upgrade', request, socket, head));
      return;
    }
    const { ambiguity } = requestFacts(request);
    if (ambiguity !== undefined) {
      answerRaw(socket, 400, ambiguity);
    } else {
      const { toWorkbenches } = door?.judge(request, true) ?? anywhere;
      if (!toWorkbenches && gateway?.upgrade(request, socket, head)) return;
      if (!websocket || door?.onlyAsks(request)) ignoreUpgrade(server, request, socket, head);
      else if (toWorkbenches) answerRaw(socket, toWorkbenches.status, toWorkbenches.message, {}, toWorkbenches.code);
      else answerRaw(socket, 404, 'There is nothing here that speaks another protocol');
    }
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const connection = connections.of(socket);
    if (error.code === 'ECONNRESET' || !socket.writable || connection.refused) {
      socket.destroy();
      return;
    }
    connection.refused = true;
    const [status, message, more] = parserFailures[error.code ?? ''] ?? [400, 'The request is not valid HTTP'];
    const { latest } = connection;
    if (!latest || isAnswered(connection)) answerRaw(socket, status, message, more);
    else if (latest.req.complete)
      latest.once('close', () => socket.writable && answerRaw(socket, status, message, more));
    // It is this one's body that can't be read.
    else if (latest.headersSent) socket.destroy();
    else answerLast(latest, status, message);
  });
  return server;
}

/**
 * Java's HttpClient and `curl --http2` offer HTTP/2 on ordinary calls, bodies and all. An offer may be ignored, but node
 * has handed the connection over by then: it gets it back, with the same request as if nothing had been offered.
 */
function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const offer: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    if (offer.has(name.toLowerCase())) continue;
    // What else it says of the connection stands, such as that it ends.
    const options = value.split(',').filter((option) => !offer.has(option.trim().toLowerCase()));
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? options.join() : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

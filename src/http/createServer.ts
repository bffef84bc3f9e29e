import { randomUUID } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Gateway } from '../gateway/createGateway.ts';
import { envelope } from './errorHandler.ts';

/** An Express app, or what stands before it. Without `next`, Express answers in HTML what it calls back for. */
export type App = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => unknown;

/** What node's parser says of requests that never become one, and what they are answered. */
const parserFailures: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The URL and headers are too long: at most 16 KB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
};

/** How long a client has to read an answer that ends its connection. */
const LINGER_MS = 1_000;
const KEEP_ALIVE_MS = 75_000;

export function createServer(app: App, gateway: Gateway | undefined): Server {
  const handle: RequestListener = (request, response) => {
    if (gateway?.handle(request, response)) return;
    app(request, response, () => {
      // An answer that broke off can only be cut; nothing else gets past the app but what its router finds no path in.
      if (response.headersSent) request.socket.destroy();
      else answerRaw(request.socket, 400, 'The URL of the request can’t be read');
    });
  };
  const server = createHttpServer({ requireHostHeader: false }, (request, response) => {
    // Node would answer this one by itself, without the envelope.
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      answerRaw(request.socket, 400, 'An HTTP/1.1 request needs the header Host');
    } else handle(request, response);
  });
  // What else than 100-continue a client expects may be ignored.
  server.on('checkExpectation', handle);
  server.on('connect', (_request, socket) => answerRaw(socket, 400, 'This is no proxy'));
  // Uploads through the gateway take as long as they take; headers still have to come within a minute.
  server.requestTimeout = 0;
  // Longer than load balancers keep idle connections, so that it is never they who find one closed.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('upgrade', (request, socket, head) => {
    if (gateway?.upgrade(request, socket, head)) return;
    if (/^websocket$/i.test(request.headers.upgrade ?? '')) {
      answerRaw(socket, 404, 'There is nothing here that speaks another protocol');
    } else ignoreUpgrade(server, request, socket, head);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [status, message] = parserFailures[error.code ?? ''] ?? [400, 'The request is not valid HTTP'];
    answerRaw(socket, status, message);
  });
  return server;
}

/**
 * Java's HttpClient and `curl --http2` offer HTTP/2 on ordinary calls, bodies and all. An offer may be ignored, but node
 * has handed the connection over by then: it gets it back, with the same request as if nothing had been offered.
 */
function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const offer: ReadonlySet<string> = new Set(['upgrade', 'http2-settings', 'connection']);
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    if (!offer.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[index + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

/** The last answer on a connection. */
function answerRaw(socket: Duplex, status: number, message: string): void {
  // Sockets that node has handed over have no such listener, and an error that nobody listens for ends the process.
  socket.on('error', () => socket.destroy());
  // Closed at once, with bytes unread, the connection would be reset before the client has its answer.
  socket.resume();
  socket.once('end', () => socket.destroy());
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  const requestId = randomUUID();
  const reason = STATUS_CODES[status] ?? '';
  const code = reason.toLowerCase().replaceAll(/\W+/g, '_');
  const body = JSON.stringify(envelope({ code, message }, requestId));
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
  );
}

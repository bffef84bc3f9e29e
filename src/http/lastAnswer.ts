import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../lib/ErrorCode.ts';
import { envelope } from './errorHandler.ts';
import { codeOf } from './schemas/failure.ts';

export type MoreHeaders = Readonly<Record<string, string>>;

/** How long a client has to read an answer that ends its connection. */
const LINGER_MS = 1_000;

/** The last answer on a connection on which nothing else is being answered. */
export function answerRaw(socket: Duplex, status: number, message: string, more: MoreHeaders = {}, code?: ErrorCode) {
  // Sockets that node has handed over have no such listener, and an error that nobody listens for ends the process.
  socket.on('error', () => socket.destroy());
  const { body, headers } = lastAnswer(status, message, more, code);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  linger(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

/** The same in its turn, after the answers to what was asked before on this connection. */
export function answerLast(response: ServerResponse, status: number, message: string): void {
  const { body, headers } = lastAnswer(status, message, {});
  response.writeHead(status, headers).end(body);
}

/**
 * Ends a connection. Closed at once, with bytes unread, it would be reset before the client has read its answer.
 *
 * @param text what is left to say
 */
export function linger(socket: Duplex, text?: string): void {
  socket.resume();
  socket.once('end', () => socket.destroy());
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  if (text === undefined) socket.end();
  else socket.end(text);
}

function lastAnswer(status: number, message: string, more: MoreHeaders, code = codeOf(status)) {
  const requestId = randomUUID();
  const body = JSON.stringify(envelope({ code, message }, requestId));
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': requestId,
    ...more,
    Connection: 'close',
  };
  return { body, headers };
}

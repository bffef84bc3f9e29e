import { type ClientRequest, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import type { Connections } from './createConnections.ts';
import type { Upstream } from './destination.ts';
import type { Framing } from './framing.ts';
import { passAnswer } from './passAnswer.ts';
import { passInterim } from './passInterim.ts';
import { passUpload } from './passUpload.ts';
import { isReset, type TaskSocket } from './TaskSocket.ts';

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  framing: Framing;
  /** What goes to the task, as headersToTask makes it. */
  headers: readonly string[];
  upstream: Upstream;
  /** The task could not be reached or broke off; of the answer nothing has been sent. */
  onFailure: (error: Error) => void;
}

/** IDEs set many and long cookies; node's own 16 KB are too few for some. */
const MOST_HEADER_BYTES = 64 * 1024;

/**
 * Streams a request to a task and its answer back. When either side breaks off, the other's connection ends at once.
 */
export function relay(exchange: Exchange, connections: Connections): void {
  const { request, response, framing, upstream } = exchange;
  const idle = maySendTwice(request, framing) ? connections.takeIdle(upstream) : undefined;
  if (idle) talk(exchange, idle, openOne);
  else openOne();

  function openOne(): void {
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    response.once('close', leave);
    connections.open(upstream, leaving.signal).then(
      (socket) => {
        response.removeListener('close', leave);
        talk(exchange, socket);
      },
      (error: Error) => {
        if (!response.destroyed) exchange.onFailure(error);
      },
    );
  }
}

/** @param again what to do where a connection that had been idle turns out to be closed already */
function talk(exchange: Exchange, socket: TaskSocket, again?: () => void): void {
  const { request, response, framing } = exchange;
  if (response.destroyed) {
    socket.destroy();
    return;
  }
  const outgoing = openRequest({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: exchange.headers,
    setHost: false,
    maxHeaderSize: MOST_HEADER_BYTES,
    createConnection: () => socket,
  });
  // Without an agent, node plans for one request a connection; it tells the socket, by `free`, when it could have another.
  outgoing.shouldKeepAlive = true;
  // Not even one header is dropped; their bytes are limited.
  outgoing.maxHeadersCount = 0;
  let answer: IncomingMessage | undefined;
  let over = false;

  const leave = () => {
    if (!answer?.complete) outgoing.destroy();
  };
  response.once('close', leave);

  function fail(error: Error): void {
    if (over) return;
    over = true;
    response.removeListener('close', leave);
    if (response.destroyed) return;
    if (again && isReset(error) && !answer) again();
    else exchange.onFailure(error);
  }

  outgoing.on('error', (error) => {
    // After that the answer itself tells what became of it.
    if (!answer) fail(error);
  });
  outgoing.on('information', (interim) => passInterim(interim, request, response));
  outgoing.on('upgrade', (_answer, upgraded) => {
    upgraded.destroy();
    fail(new Error('The task switched protocols unasked'));
  });
  outgoing.on('response', (incoming) => {
    answer = incoming;
    const begun = passAnswer(answer, { request, response, upstream: exchange.upstream }, () => stopUpload(outgoing));
    if (begun) return;
    outgoing.destroy();
    fail(new Error('The task’s answer is none that HTTP knows'));
  });
  const stopUpload = framing.kind === 'none' ? finish(outgoing) : passUpload(request, response, outgoing);
}

function finish(outgoing: ClientRequest): (outgoing: ClientRequest) => void {
  outgoing.end();
  return () => undefined;
}

/** RFC 9110, 9.2.2: what changes nothing may be sent again when a connection closes under it. */
function maySendTwice({ method }: IncomingMessage, framing: Framing): boolean {
  return framing.kind === 'none' && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS');
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerRules } from '../access/headers/fromTask.ts';
import { AnswerParser } from './AnswerParser.ts';
import type { Connections } from './createConnections.ts';
import type { Upstream } from './destination.ts';
import type { Framing } from './framing.ts';
import { answerTo } from './passAnswer.ts';
import { passUpload } from './passUpload.ts';
import { requestHead } from './requestHead.ts';
import type { TaskSocket } from './TaskSocket.ts';

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  framing: Framing;
  /** What goes to the task, as headersToTask makes it. */
  headers: readonly string[];
  upstream: Upstream;
  /** What the task may say of its host. */
  rules: AnswerRules;
  /** What the task is asked for. */
  url: string;
  /** The task could not be reached or broke off; of the answer nothing has been sent. */
  onFailure: (error: Error) => void;
}

/**
 * Streams a request to a task and its answer back. When either side breaks off, the other's connection ends at once.
 */
export function relay(exchange: Exchange, connections: Connections): void {
  const { request, response, framing, upstream } = exchange;
  const idle = maySendTwice(request, framing) ? connections.takeIdle(upstream) : undefined;
  if (idle) talk(exchange, idle, connections, openOne);
  else openOne();

  function openOne(): void {
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    response.once('close', leave);
    connections.open(upstream, leaving.signal).then(
      (socket) => {
        response.removeListener('close', leave);
        talk(exchange, socket, connections);
      },
      (error: Error) => {
        if (!response.destroyed) exchange.onFailure(error);
      },
    );
  }
}

/** @param again what to do where a connection that had been idle turns out to be closed already */
function talk(exchange: Exchange, socket: TaskSocket, connections: Connections, again?: () => void): void {
  const { request, response, framing, upstream, rules, url } = exchange;
  if (response.destroyed) {
    socket.destroy();
    return;
  }
  let heard = false;
  let over = false;
  const answer = answerTo({ request, response, upstream, rules }, socket, finish);
  const parser = new AnswerParser(answer, request.method);
  response.on('close', leave);
  socket.user = {
    data(chunk) {
      heard = true;
      try {
        parser.read(chunk);
      } catch (error) {
        fail(error);
      }
    },
    drain: () => upload?.resume(),
    gone(error) {
      if (over) return;
      if (!parser.close()) fail(error, !heard);
    },
  };
  socket.write(requestHead(request.method, url, exchange.headers), 'latin1');
  const upload = framing.kind === 'none' ? undefined : passUpload(request, framing, socket);

  /** All of the answer has come. */
  function finish(): void {
    over = true;
    // What is left of an upload is of no interest to anybody.
    const whole = upload?.stop() ?? true;
    // Only now does the parser know whether something comes after it.
    queueMicrotask(() => {
      if (whole && parser.reusable) connections.giveBack(upstream, socket);
      else socket.destroy();
    });
  }

  function leave(): void {
    if (parser.complete) return;
    over = true;
    upload?.stop();
    socket.destroy();
  }

  function fail(error: unknown, mayRetry = false): void {
    if (over) return;
    over = true;
    response.removeListener('close', leave);
    upload?.stop();
    socket.destroy();
    if (response.destroyed) return;
    if (answer.begun()) answer.cut();
    else if (again && mayRetry) again();
    else exchange.onFailure(error instanceof Error ? error : new Error(String(error)));
  }
}

/** RFC 9110, 9.2.2: what changes nothing may be sent again when a connection closes under it. */
function maySendTwice({ method }: IncomingMessage, framing: Framing): boolean {
  return framing.kind === 'none' && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS');
}

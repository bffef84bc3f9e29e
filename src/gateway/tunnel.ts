import { type IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AnswerRules } from '../access/headers/fromTask.ts';
import { AnswerParser } from './AnswerParser.ts';
import { AnswerError } from './answerHead.ts';
import type { Upstream } from './destination.ts';
import { headersFromTask } from './headersFromTask.ts';
import { listed } from './hopByHop.ts';
import { answerTo } from './passAnswer.ts';
import { requestHead } from './requestHead.ts';
import type { TaskSocket } from './TaskSocket.ts';

export interface Opening {
  request: IncomingMessage;
  socket: Socket;
  /** What the client has sent beyond its request. */
  head: Buffer;
  headers: readonly string[];
  upstream: Upstream;
  /** What the task may say of its host. */
  rules: AnswerRules;
  /** What the task is asked for. */
  url: string;
  /** The task broke off before it answered; nothing was written to the client. */
  onFailure: (error: Error) => void;
}

/**
 * Passes a websocket's opening on over a connection to the task, then everything both ways until either side ends. Both
 * connections end together.
 */
export function tunnel(opening: Opening, task: TaskSocket): void {
  const { request, socket, head, headers, upstream, rules, url, onFailure } = opening;
  // One that follows an answered request has the limit of an idle connection.
  socket.setTimeout(0);
  const leave = () => task.destroy();
  socket.once('close', leave);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  const refusal = answerTo({ request, response, upstream, rules }, task, () => task.destroy());
  let switched: readonly string[] | undefined;
  const parser = new AnswerParser(
    {
      ...refusal,
      head(answer) {
        if (answer.status !== 101) return refusal.head(answer);
        if (!opens(answer.headers)) throw new AnswerError('The task switched to another protocol');
        switched = answer.headers;
      },
      end(trailers) {
        if (!switched) refusal.end(trailers);
      },
    },
    request.method,
  );
  task.user = {
    data(chunk) {
      try {
        parser.read(chunk);
      } catch (error) {
        fail(error);
        return;
      }
      if (switched) open(switched);
    },
    drain: () => undefined,
    gone(error) {
      if (!parser.complete && !parser.close()) fail(error);
    },
  };
  task.write(requestHead(request.method, url, headers), 'latin1');

  function fail(error: unknown): void {
    task.release();
    task.destroy();
    if (socket.destroyed) return;
    if (refusal.begun()) {
      refusal.cut();
      return;
    }
    response.detachSocket(socket);
    onFailure(error instanceof Error ? error : new Error(String(error)));
  }

  function open(answer: readonly string[]): void {
    response.detachSocket(socket);
    task.release();
    socket.write(switching(answer, upstream, rules), 'latin1');
    if (parser.rest.length > 0) socket.write(parser.rest);
    // Not a byte before: a task that did not switch would read on, and take them for another request.
    if (head.length > 0) task.write(head);
    socket.removeListener('close', leave);
    join(socket, task);
  }
}

/** By itself, so that sockets that are open for days keep nothing of their opening. */
function join(socket: Socket, task: TaskSocket): void {
  socket.once('close', () => task.destroy());
  socket.once('end', () => task.destroySoon());
  task.once('close', () => socket.destroySoon());
  socket.pipe(task);
  task.pipe(socket);
}

/** What may become a tunnel. */
export function opensWebsocket({ method, rawHeaders }: IncomingMessage): boolean {
  return method === 'GET' && opens(rawHeaders);
}

/** Node's HTTP server hands out sockets, typed as what they have in common with other streams. */
export function isSocket(stream: Duplex): stream is Socket {
  return stream instanceof Socket;
}

function opens(headers: readonly string[]): boolean {
  const protocols = headers.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'upgrade' ? listed(headers[index + 1] ?? '') : [],
  );
  return protocols.join() === 'websocket';
}

function switching(answer: readonly string[], upstream: Upstream, rules: AnswerRules): string {
  const headers = headersFromTask(answer, { upstream, trailers: false, rules });
  const lines = ['HTTP/1.1 101 Switching Protocols'];
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
  return `${lines.join('\r\n')}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
}

import { type IncomingMessage, request as openRequest, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Upstream } from './destination.ts';
import { headersFromTask } from './headersFromTask.ts';
import { listed } from './hopByHop.ts';
import { passAnswer } from './passAnswer.ts';
import type { TaskSocket } from './TaskSocket.ts';

export interface Opening {
  request: IncomingMessage;
  socket: Socket;
  /** What the client has sent beyond its request. */
  head: Buffer;
  headers: readonly string[];
  upstream: Upstream;
  /** The task broke off before it answered; nothing was written to the client. */
  onFailure: (error: Error) => void;
}

/**
 * Passes a websocket's opening on over a connection to the task, then everything both ways until either side ends. Both
 * connections end together.
 */
export function tunnel({ request, socket, head, headers, upstream, onFailure }: Opening, task: TaskSocket): void {
  // One that follows an answered request has the limit of an idle connection.
  socket.setTimeout(0);
  const leave = () => task.destroy();
  socket.once('close', leave);
  const opening = openRequest({
    method: 'GET',
    path: request.url ?? '/',
    headers,
    setHost: false,
    createConnection: () => task,
  });
  opening.maxHeadersCount = 0;
  let answered = false;
  opening.on('error', (error) => {
    if (!answered && !socket.destroyed) onFailure(error);
  });
  opening.on('upgrade', (answer, _task, taskHead) => {
    answered = true;
    if (!isWebsocket(answer)) {
      task.destroy();
      onFailure(new Error('The task switched to another protocol'));
      return;
    }
    socket.write(switching(answer, upstream), 'latin1');
    if (taskHead.length > 0) socket.write(taskHead);
    // Not a byte before: a task that did not switch would read on, and take them for another request.
    if (head.length > 0) task.write(head);
    socket.once('end', () => task.destroySoon());
    task.once('close', () => socket.destroySoon());
    socket.pipe(task);
    task.pipe(socket);
  });
  opening.on('response', (answer) => {
    answered = true;
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => socket.destroySoon());
    if (passAnswer(answer, { request, response, upstream }, () => task.destroy())) return;
    response.detachSocket(socket);
    task.destroy();
    onFailure(new Error('The task’s answer is none that HTTP knows'));
  });
  opening.end();
}

/** What may become a tunnel. A body would be read as what follows the switch, and by others as a body. */
export function opensWebsocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && isWebsocket(request);
}

function isWebsocket({ headers }: IncomingMessage): boolean {
  return listed(headers.upgrade ?? '').join() === 'websocket';
}

/** Node's HTTP server hands out sockets, typed as what they have in common with other streams. */
export function isSocket(stream: Duplex): stream is Socket {
  return stream instanceof Socket;
}

function switching(answer: IncomingMessage, upstream: Upstream): string {
  const headers = headersFromTask(answer.rawHeaders, { upstream, trailers: false });
  const lines = ['HTTP/1.1 101 Switching Protocols'];
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
  return `${lines.join('\r\n')}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
}

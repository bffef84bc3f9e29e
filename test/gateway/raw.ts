import { connect, createServer, type Socket } from 'node:net';
import { listening } from './servers.ts';

/** A client or a task as far as the bytes go: all that has come, as Latin-1, and what to do about it. */
export interface Wire {
  socket: Socket;
  /** All that has come so far. */
  text(): string;
  send(text: string): void;
  /** Resolves once that has come; rejects if the connection ends before. */
  until(part: string | RegExp): Promise<string>;
  /** All that came, when the other side has ended or cut the connection. */
  ended: Promise<{ text: string; error: NodeJS.ErrnoException | undefined }>;
}

function wire(socket: Socket): Wire {
  let text = '';
  let over = false;
  let error: NodeJS.ErrnoException | undefined;
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    look();
  });
  socket.on('error', (one: NodeJS.ErrnoException) => {
    error = one;
  });
  const ended = new Promise<{ text: string; error: NodeJS.ErrnoException | undefined }>((resolve) => {
    const finish = () => {
      over = true;
      look();
      resolve({ text, error });
    };
    socket.once('end', finish);
    socket.once('close', finish);
  });
  return {
    socket,
    text: () => text,
    send: (part) => void socket.write(part, 'latin1'),
    until: (part) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const there = typeof part === 'string' ? text.includes(part) : part.test(text);
          if (!there && !over) return;
          waiting.delete(check);
          if (there) resolve(text);
          else reject(new Error(`ended after ${JSON.stringify(text)} (${error?.code ?? 'no error'})`));
        };
        waiting.add(check);
        check();
      }),
    ended,
  };
}

/** A client that has sent this. */
export function client(port: number, text = '', allowHalfOpen = false): Wire {
  const one = wire(connect({ port, host: '127.0.0.1', allowHalfOpen }));
  if (text !== '') one.send(text);
  return one;
}

/** A task that speaks bytes; told of each connection, which are counted. */
export async function rawTask(onConnection: (task: Wire, serial: number) => void) {
  const connections: Wire[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const one = wire(socket);
    connections.push(one);
    onConnection(one, connections.length);
  });
  return { ...(await listening(server)), connections };
}

/** Answers each request without a body with these bytes. */
export const answering = (answer: string) => (task: Wire) => {
  let answered = 0;
  task.socket.on('data', () => {
    const requests = task.text().split('\r\n\r\n').length - 1;
    for (; answered < requests; answered++) task.send(answer);
  });
};

export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

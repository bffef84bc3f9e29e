import type { IncomingMessage } from 'node:http';
import type { Framing } from './framing.ts';
import { trailerPairs } from './hopByHop.ts';
import type { TaskSocket } from './TaskSocket.ts';

export interface Upload {
  /** The task reads again. */
  resume(): void;
  /** @returns whether all of it has been sent; what else comes is the server's to drop */
  stop(): boolean;
}

/** Streams a request's body to the task, framed as the client framed it, no faster than the task reads it. */
export function passUpload(request: IncomingMessage, framing: Framing, socket: TaskSocket): Upload {
  const chunked = framing.kind === 'chunked';
  let whole = false;
  const pass = (chunk: Buffer) => {
    if (chunked) {
      socket.cork();
      socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    }
    let ready = socket.write(chunk);
    if (chunked) {
      ready = socket.write('\r\n', 'latin1');
      socket.uncork();
    }
    if (!ready) request.pause();
  };
  const end = () => {
    whole = true;
    if (!chunked) return;
    const trailers = trailerPairs(request.rawTrailers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`0\r\n${trailers.join('')}\r\n`, 'latin1');
  };
  request.on('data', pass);
  request.once('end', end);
  return {
    resume: () => void request.resume(),
    stop() {
      request.removeListener('data', pass);
      request.removeListener('end', end);
      return whole;
    },
  };
}

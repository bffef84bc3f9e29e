import { connect, type Socket } from 'node:net';
import type { Clock } from '../lib/clock.ts';

/** Nothing accepted a connection at a task's address in time. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface ConnectUpstreamOptions {
  host: string;
  port: number;
  /** For all attempts together, in ms. */
  timeoutMs: number;
  signal: AbortSignal;
  clock: Clock;
  /** Told of each failed attempt that will be followed by another. */
  onRetry?: (error: unknown) => void;
}

const pauseBetweenAttemptsMs = 100;

/**
 * A connected socket, or an UnreachableError. A task is `running` some seconds before the IDE in it listens: until the
 * deadline a refusal only means "not yet".
 */
export async function connectUpstream(options: ConnectUpstreamOptions): Promise<Socket> {
  const { host, port, timeoutMs, signal, clock, onRetry } = options;
  const attempts = new AbortController();
  const stop = () => attempts.abort();
  const deadline = setTimeout(stop, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let lastError: unknown;
  try {
    while (!attempts.signal.aborted) {
      try {
        return await connectOnce(host, port, attempts.signal);
      } catch (error) {
        lastError = error;
        if (attempts.signal.aborted) break;
        onRetry?.(error);
        await clock.sleep(pauseBetweenAttemptsMs, attempts.signal).catch(() => undefined);
      }
    }
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', stop);
  }
  throw new UnreachableError(`No connection to ${host}:${port}`, { cause: lastError });
}

function connectOnce(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const abort = () => socket.destroy(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', fail);
      resolve(socket);
    });

    function fail(error: Error): void {
      signal.removeEventListener('abort', abort);
      reject(error);
    }
  });
}

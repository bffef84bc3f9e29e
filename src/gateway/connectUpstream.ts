import type { Clock } from '../lib/clock.ts';
import { TaskSocket } from './TaskSocket.ts';

/** Nothing accepted a connection at a task's address in time. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface ConnectUpstreamOptions {
  host: string;
  port: number;
  /** For all attempts together, in ms. */
  timeoutMs: number;
  /** Any of them ends the attempts. */
  signals: readonly AbortSignal[];
  clock: Clock;
  /** Told of each failed attempt that will be followed by another. */
  onRetry?: (error: unknown) => void;
}

const pauseBetweenAttemptsMs = 100;
/** A task whose host has gone without a word is noticed after this and nine probes. */
const KEEP_ALIVE_AFTER_MS = 30_000;

/**
 * A connected socket, or an UnreachableError. A task is `running` some seconds before the IDE in it listens: until the
 * deadline a refusal only means "not yet".
 */
export async function connectUpstream(options: ConnectUpstreamOptions): Promise<TaskSocket> {
  const { host, port, timeoutMs, signals, clock, onRetry } = options;
  const attempts = new AbortController();
  const stop = () => attempts.abort();
  const deadline = setTimeout(stop, timeoutMs);
  for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
  if (signals.some(({ aborted }) => aborted)) stop();
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
    for (const signal of signals) signal.removeEventListener('abort', stop);
  }
  throw new UnreachableError(`No connection to ${host}:${port}`, { cause: lastError });
}

function connectOnce(host: string, port: number, signal: AbortSignal): Promise<TaskSocket> {
  return new Promise((resolve, reject) => {
    const socket = new TaskSocket();
    socket.on('error', fail);
    const abort = () => socket.destroy(new Error('given up'));
    signal.addEventListener('abort', abort, { once: true });
    socket.connect({ host, port }, () => {
      socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });

    function fail(error: Error): void {
      signal.removeEventListener('abort', abort);
      reject(error);
    }
  });
}

import { setMaxListeners } from 'node:events';
import type { Clock } from '../lib/clock.ts';
import { connectUpstream } from './connectUpstream.ts';
import type { Upstream } from './destination.ts';
import type { TaskSocket } from './TaskSocket.ts';

export interface ConnectionsOptions {
  /** For all attempts to open one, in ms. */
  connectTimeoutMs: number;
  clock: Clock;
  onRetry: (upstream: Upstream, error: unknown) => void;
}

/** The connections to tasks, idle and in use. */
export interface Connections {
  /** One that has served before and may be used again, if there is one: the task may close it in that very moment. */
  takeIdle(upstream: Upstream): TaskSocket | undefined;
  /** A new one; waits for a port that does not listen yet. Rejects with an UnreachableError, at once if aborted. */
  open(upstream: Upstream, signal: AbortSignal): Promise<TaskSocket>;
  /** An exchange has left it clean, and both sides keep it. */
  giveBack(upstream: Upstream, socket: TaskSocket): void;
  /** Ends all of them, and what is open through them. */
  close(): void;
}

/** Servers keep an idle connection for 5 s or longer: node's own default, and the shortest that is common. */
const IDLE_MS = 4_000;
const SWEEP_MS = 1_000;

export function createConnections({ connectTimeoutMs, clock, onRetry }: ConnectionsOptions): Connections {
  const all = new Set<TaskSocket>();
  const idle = new Map<string, TaskSocket[]>();
  const closing = new AbortController();
  // Each attempt listens, and there may be many: not the leak that node would warn of.
  setMaxListeners(0, closing.signal);
  const sweeper = setInterval(sweep, SWEEP_MS).unref();

  function sweep(): void {
    const before = clock.monotonic() - IDLE_MS;
    for (const [key, sockets] of idle) {
      const kept = sockets.filter((socket) => !socket.destroyed && socket.idleSince > before);
      for (const socket of sockets) if (!kept.includes(socket)) socket.destroy();
      if (kept.length === 0) idle.delete(key);
      else if (kept.length < sockets.length) idle.set(key, kept);
    }
  }

  return {
    takeIdle(upstream) {
      const sockets = idle.get(keyOf(upstream));
      for (let socket = sockets?.pop(); socket; socket = sockets?.pop()) {
        if (socket.writable && socket.readable) return socket;
      }
      return undefined;
    },

    async open(upstream, signal) {
      const socket = await connectUpstream({
        ...upstream,
        timeoutMs: connectTimeoutMs,
        signals: [closing.signal, signal],
        clock,
        onRetry: (error) => onRetry(upstream, error),
      });
      all.add(socket);
      socket.once('close', () => all.delete(socket));
      if (closing.signal.aborted) socket.destroy();
      return socket;
    },

    giveBack(upstream, socket) {
      if (!socket.writable || !socket.readable) return;
      socket.user = undefined;
      socket.idleSince = clock.monotonic();
      const key = keyOf(upstream);
      const sockets = idle.get(key);
      if (sockets) sockets.push(socket);
      else idle.set(key, [socket]);
    },

    close() {
      clearInterval(sweeper);
      closing.abort();
      for (const socket of all) socket.destroy();
    },
  };
}

function keyOf({ host, port }: Upstream): string {
  return `${host} ${port}`;
}

import type { Socket } from 'node:net';
import type { Visit } from '../access/entry/visitOf.ts';
import type { Clock } from '../lib/clock.ts';

/** What is open through the gateway for as long as its visitor may stay. */
export type LiveSockets = Readonly<{
  /** @param expiresAt of the visitor's session, in ms since the epoch */
  add(visit: Visit, socket: Socket, expiresAt: number | undefined): void;
  /** Something has happened to a workbench: its sockets are looked at now. */
  look(workbenchId: string): void;
  close(): void;
}>;

type Options = Readonly<{
  mayStay: (visit: Visit) => Promise<boolean>;
  lookEveryMs: number;
  clock: Clock;
}>;

type Live = { readonly visit: Visit; readonly socket: Socket; readonly expiresAt: number; lookedAt: number };

const TICK_MS = 1_000;

/** An IDE may live on one websocket for days: without another look, whoever is in would stay, whatever happens. */
export function createLiveSockets({ mayStay, lookEveryMs, clock }: Options): LiveSockets {
  const all = new Map<string, Set<Live>>();
  const timer = setInterval(sweep, Math.min(TICK_MS, lookEveryMs)).unref();

  function sweep(): void {
    const [now, before] = [clock.now(), clock.monotonic() - lookEveryMs];
    for (const lives of all.values()) {
      for (const live of lives) {
        if (live.expiresAt <= now) live.socket.destroy();
        else if (live.lookedAt <= before) void lookAt(live);
      }
    }
  }

  async function lookAt(live: Live): Promise<void> {
    live.lookedAt = clock.monotonic();
    if (!(await mayStay(live.visit))) live.socket.destroy();
  }

  return {
    add(visit, socket, expiresAt = Number.POSITIVE_INFINITY) {
      const { workbenchId } = visit;
      const live = { visit, socket, expiresAt, lookedAt: clock.monotonic() };
      const lives = all.get(workbenchId) ?? new Set();
      all.set(workbenchId, lives.add(live));
      socket.once('close', () => {
        lives.delete(live);
        if (lives.size === 0 && all.get(workbenchId) === lives) all.delete(workbenchId);
      });
    },
    look(workbenchId) {
      for (const live of all.get(workbenchId) ?? []) void lookAt(live);
    },
    close: () => clearInterval(timer),
  };
}

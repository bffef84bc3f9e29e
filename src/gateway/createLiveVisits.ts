import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Visit } from '../access/entry/visitOf.ts';
import type { Clock } from '../lib/clock.ts';

/** What is open through the gateway for as long as its visitor may stay. */
export type LiveVisits = Readonly<{
  /** @param expiresAt of the visitor's session, in ms since the epoch */
  add(visit: Visit, open: Socket | ServerResponse, expiresAt: number | undefined): void;
  /** Something has happened to a workbench: who is in it is looked at now. */
  look(workbenchId: string): void;
  close(): void;
}>;

type Options = Readonly<{
  mayStay: (visit: Visit) => Promise<boolean>;
  lookEveryMs: number;
  clock: Clock;
}>;

type Live = {
  readonly visit: Visit;
  readonly open: Socket | ServerResponse;
  readonly expiresAt: number;
  lookedAt: number;
};

const TICK_MS = 1_000;

/**
 * An IDE may live for days on one websocket, or on one answer that never ends: without another look, whoever is in would
 * stay, whatever happens.
 */
export function createLiveVisits({ mayStay, lookEveryMs, clock }: Options): LiveVisits {
  const all = new Map<string, Set<Live>>();
  const timer = setInterval(sweep, Math.min(TICK_MS, lookEveryMs)).unref();

  function sweep(): void {
    const [now, before] = [clock.now(), clock.monotonic() - lookEveryMs];
    for (const [workbenchId, lives] of all) {
      for (const live of lives) {
        if (live.expiresAt <= now) live.open.destroy();
        else if (live.lookedAt <= before) void lookAt(live);
      }
      // Not as each one goes: a page's assets come and go by the hundred.
      if (lives.size === 0) all.delete(workbenchId);
    }
  }

  async function lookAt(live: Live): Promise<void> {
    live.lookedAt = clock.monotonic();
    if (!(await mayStay(live.visit))) live.open.destroy();
  }

  return {
    add(visit, open, expiresAt = Number.POSITIVE_INFINITY) {
      const { workbenchId } = visit;
      const live = { visit, open, expiresAt, lookedAt: clock.monotonic() };
      const lives = all.get(workbenchId) ?? new Set();
      if (lives.size === 0) all.set(workbenchId, lives);
      lives.add(live);
      open.once('close', () => lives.delete(live));
    },
    look(workbenchId) {
      for (const live of all.get(workbenchId) ?? []) void lookAt(live);
    },
    close: () => clearInterval(timer),
  };
}

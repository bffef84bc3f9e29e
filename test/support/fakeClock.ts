import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/lib/clock.ts';

export type FakeClock = Clock &
  Readonly<{
    /** Lets time pass, and everything happen in its order that was to happen meanwhile. */
    pass(milliseconds: number): Promise<void>;
  }>;

type Sleeper = Readonly<{ at: number; wake: () => void }>;

/** Time that passes only when told. */
export function createFakeClock(): FakeClock {
  let time = 0;
  const sleepers = new Set<Sleeper>();

  const soonest = (): Sleeper | undefined =>
    [...sleepers].reduce<Sleeper | undefined>((first, one) => (first && first.at <= one.at ? first : one), undefined);

  return {
    now: () => 1_700_000_000_000 + time,
    monotonic: () => time,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = (): void => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        };
        const sleeper = { at: time + Math.max(0, milliseconds), wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', giveUp);
      }),
    pass: async (milliseconds) => {
      const end = time + milliseconds;
      for (;;) {
        // What has just been woken may go to sleep anew.
        await setImmediate();
        const next = soonest();
        if (!next || next.at > end) break;
        sleepers.delete(next);
        time = next.at;
        next.wake();
      }
      time = end;
    },
  };
}

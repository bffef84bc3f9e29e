import type { Context } from './Context.ts';

/** What a round comes to: another one so many milliseconds later, or none. */
export type Next = number | 'end';

export type LoopOptions = Readonly<{
  /** Never runs beside itself. The signal aborts when the loop is to end. */
  round: (signal: AbortSignal) => Next | Promise<Next>;
  firstAfterMs?: number;
  /** The part of a pause that chance may take off, so that controllers don't fall into step. */
  jitter?: number;
  /** After a failure, doubled with each further one up to the longest. */
  retryMs: number;
  longestRetryMs: number;
  /** What the log says of a failed round. */
  failure: string;
}>;

export type Loop = Readonly<{
  /** Begins unless it is under way. Resolves when it has ended; never rejects. */
  run(): Promise<void>;
  /** Begins, or cuts a pause short; not one after a failure. */
  wake(): void;
  /** Resolves when the round in progress has ended; there is none after it. */
  close(): Promise<void>;
}>;

/** The one loop for everything that repeats: a failed round is logged and repeated, an ended loop can begin again. */
export function createLoop(options: LoopOptions, { clock, random, logger }: Omit<Context, 'timings'>): Loop {
  const { round, firstAfterMs = 0, jitter = 0, retryMs, longestRetryMs, failure } = options;
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let pausing: Readonly<{ wake: AbortController; retrying: boolean }> | undefined;
  let failures = 0;
  /** Somebody has asked for rounds since the last one began. */
  let asked = false;

  async function nextRound(): Promise<Next> {
    try {
      const next = await round(closing.signal);
      failures = 0;
      return next;
    } catch (error) {
      if (closing.signal.aborted) return 'end';
      logger.warn({ err: error }, failure);
      failures += 1;
      return Math.min(retryMs * 2 ** (failures - 1), longestRetryMs);
    }
  }

  async function pause(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || closing.signal.aborted) return;
    const wake = new AbortController();
    pausing = { wake, retrying: failures > 0 };
    await clock.sleep(milliseconds * (1 - jitter * random()), wake.signal).catch(() => undefined);
    pausing = undefined;
  }

  async function repeat(): Promise<void> {
    await pause(firstAfterMs);
    while (!closing.signal.aborted) {
      asked = false;
      const next = await nextRound();
      if (next !== 'end') await pause(next);
      else if (!asked) break;
    }
    running = undefined;
  }

  async function run(): Promise<void> {
    asked = true;
    if (!closing.signal.aborted) running ??= repeat();
    await running;
  }

  return {
    run,
    wake: () => {
      void run();
      if (!pausing?.retrying) pausing?.wake.abort();
    },
    close: async () => {
      closing.abort();
      pausing?.wake.abort();
      await running;
    },
  };
}

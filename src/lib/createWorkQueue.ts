import pLimit from 'p-limit';
import type { Context } from './Context.ts';
import { createLoop, type Loop, type Next } from './createLoop.ts';

/** What a round came to: nothing left to do, one step further, or something else has to happen first. */
export type Round = 'done' | 'progress' | 'wait';

/** Jobs in the background, one a key; each has its rounds, so many at a time over all, until it is done. */
export function createWorkQueue(roundsAtOnce: number, context: Context) {
  const { shortestRoundPauseMs, longestRoundPauseMs, roundRetryMs } = context.timings;
  const turns = pLimit(roundsAtOnce);
  const jobs = new Map<string, Readonly<{ loop: Loop; done: Promise<void> }>>();
  let closed = false;

  /**
   * Begins, or joins, the job of that key: a failed round is logged and repeated.
   * Resolves when it is done, or at close. Never rejects.
   */
  function add(key: string, round: (signal: AbortSignal) => Promise<Round>, logger = context.logger): Promise<void> {
    const known = jobs.get(key);
    if (known || closed) return known?.done ?? Promise.resolve();
    let pause = 0;

    async function next(signal: AbortSignal): Promise<Next> {
      const result = await turns(round, signal);
      if (result === 'done') return 'end';
      pause = result === 'progress' ? 0 : Math.min(Math.max(pause * 1.5, shortestRoundPauseMs), longestRoundPauseMs);
      return pause;
    }

    const times = { retryMs: roundRetryMs, longestRetryMs: longestRoundPauseMs };
    const loop = createLoop(
      { round: next, ...times, failure: 'failed for now, to be repeated' },
      { ...context, logger },
    );
    const done = loop.run().finally(() => jobs.delete(key));
    jobs.set(key, { loop, done });
    return done;
  }

  /** Ends when the rounds in progress have ended; what is not done by then stays undone. */
  async function close(): Promise<void> {
    closed = true;
    await Promise.all([...jobs.values()].map(({ loop }) => loop.close()));
  }

  return { add, close };
}

import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';

/** Milliseconds between two rounds: growing while nothing changes or everything fails. */
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
const PAUSE_AFTER_FAILURE_MS = 1_000;

/** What a round came to: nothing left to do, one step further, or something else has to happen first. */
export type Round = 'done' | 'progress' | 'wait';

/** Repeats a round until it is done or the signal aborts; a failed round is logged and repeated. Never rejects. */
export async function untilDone(
  round: () => Promise<Round>,
  { clock, logger, signal }: Readonly<{ clock: Clock; logger: Logger; signal: AbortSignal }>,
): Promise<void> {
  let pause = 0;
  while (!signal.aborted) {
    try {
      const result = await round();
      if (result === 'done') return;
      pause = result === 'progress' ? 0 : Math.max(pause * 1.5, SHORTEST_PAUSE_MS);
    } catch (error) {
      logger.warn({ err: error }, 'failed for now, to be repeated');
      pause = Math.max(pause * 2, PAUSE_AFTER_FAILURE_MS);
    }
    pause = Math.min(pause, LONGEST_PAUSE_MS);
    if (pause > 0) await clock.sleep(pause, signal).catch(() => undefined);
  }
}

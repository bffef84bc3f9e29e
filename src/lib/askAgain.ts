import type { Clock } from './clock.ts';

const FIRST_PAUSE_MS = 100;

/** Asks after pauses that double up to the longest, until there is an answer; undefined when the time is up. */
export async function askAgain<T>(
  ask: () => Promise<T | undefined>,
  { withinMs, longestPauseMs }: Readonly<{ withinMs: number; longestPauseMs: number }>,
  clock: Clock,
): Promise<T | undefined> {
  const until = clock.monotonic() + withinMs;
  for (let pause = FIRST_PAUSE_MS; clock.monotonic() < until; pause = Math.min(pause * 2, longestPauseMs)) {
    await clock.sleep(pause);
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  return undefined;
}

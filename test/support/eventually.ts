import { setTimeout as delay } from 'node:timers/promises';

/** For what never comes. On a busy machine all comes, only late: no test is about time. */
export const PATIENCE_MS = 300_000;
/** Who has waited for long can wait a little longer, and leaves the machine to what it waits for. */
const pauseMs = (waitedMs: number): number => Math.min(10 + waitedMs / 10, 100);

/** Asks again until the answer will do. @returns the last answer, which will not do when the patience is over */
export async function lastAnswer<T>(ask: () => Promise<T> | T, willDo: (answer: T) => boolean): Promise<T> {
  const begun = performance.now();
  for (;;) {
    const waitedMs = performance.now() - begun;
    const late = waitedMs > PATIENCE_MS;
    const answer = await ask();
    if (late || willDo(answer)) return answer;
    await delay(pauseMs(waitedMs));
  }
}

/** Asks again until the answer will do. @throws Error with the last answer where none ever does */
export async function eventually<T, Good extends T>(
  ask: () => Promise<T> | T,
  willDo: (answer: T) => answer is Good,
): Promise<Good>;
export async function eventually<T>(ask: () => Promise<T> | T, willDo: (answer: T) => boolean): Promise<T>;
export async function eventually<T>(ask: () => Promise<T> | T, willDo: (answer: T) => boolean): Promise<T> {
  const answer = await lastAnswer(ask, willDo);
  if (!willDo(answer)) throw new Error(`still ${JSON.stringify(answer)} after ${PATIENCE_MS} ms`);
  return answer;
}

import { setTimeout as delay } from 'node:timers/promises';

/** For what never comes. On a busy machine all comes, only late: no test is about time. */
export const PATIENCE_MS = 300_000;
const BETWEEN_MS = 10;

/** Asks again until the answer will do. @returns the last answer, which will not do when the patience is over */
async function lastAnswer<T>(ask: () => Promise<T> | T, willDo: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const late = performance.now() > end;
    const answer = await ask();
    if (late || willDo(answer)) return answer;
    await delay(BETWEEN_MS);
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

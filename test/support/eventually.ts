import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 10_000;
const BETWEEN_MS = 10;

/** Asks again until the answer will do. @throws Error with the last answer when that takes too long */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  willDo: (answer: T) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (willDo(answer)) return answer;
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(answer)} after ${deadlineMs} ms`);
    await delay(BETWEEN_MS);
  }
}

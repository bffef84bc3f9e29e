import { setTimeout as delay } from 'node:timers/promises';

/** Looks until what is seen is as wanted. @throws Error with the last sight if that takes longer than the patience */
export async function eventually<T>(
  look: () => T | Promise<T>,
  wanted: (sight: T) => boolean,
  patienceMs = 5_000,
): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const sight = await look();
    if (wanted(sight)) return sight;
    if (performance.now() > giveUpAt) throw new Error(`Not so within ${patienceMs} ms: ${JSON.stringify(sight)}`);
    await delay(25);
  }
}

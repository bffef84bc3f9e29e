import type { Clock } from '../../lib/clock.ts';

type Options<T> = Readonly<{
  fetch: () => Promise<T>;
  clock: Pick<Clock, 'monotonic'>;
  /** Until then nobody looks again unasked. */
  freshMs: number;
  /** So long it serves while there is nothing newer to be had. */
  usableMs: number;
  /** Between two fetches, whatever came of the first. */
  betweenMs: number;
}>;

export type Kept<T> = Readonly<{
  /** What is held; waits only if that is nothing. @throws what the last fetch failed with */
  get(): Promise<T>;
  /** What there is after another fetch, or none if one was made just now. @throws what the last fetch failed with */
  again(): Promise<T>;
}>;

/** A value from elsewhere that outlives the outages of where it comes from, and is not asked for more often than said. */
export function keepFetched<T>({ fetch, clock, freshMs, usableMs, betweenMs }: Options<T>): Kept<T> {
  let held: Readonly<{ value: T; at: number }> | undefined;
  let last: Readonly<{ at: number; failure?: unknown }> | undefined;
  let underway: Promise<void> | undefined;

  function attempt(): Promise<void> {
    if (!underway && last && clock.monotonic() - last.at < betweenMs) return Promise.resolve();
    underway ??= fetchOnce().finally(() => {
      underway = undefined;
    });
    return underway;
  }

  async function fetchOnce(): Promise<void> {
    const at = clock.monotonic();
    try {
      held = { value: await fetch(), at };
      last = { at };
    } catch (failure) {
      last = { at, failure };
    }
  }

  const age = () => (held ? clock.monotonic() - held.at : Number.POSITIVE_INFINITY);

  return {
    async get() {
      if (age() >= usableMs) await attempt();
      else if (age() >= freshMs) void attempt();
      if (held && age() < usableMs) return held.value;
      throw last?.failure ?? new Error('Nothing was fetched');
    },
    async again() {
      await attempt();
      if (last && 'failure' in last) throw last.failure;
      if (held) return held.value;
      throw new Error('Nothing was fetched');
    },
  };
}

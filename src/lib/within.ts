import type { Clock } from './clock.ts';

/**
 * What comes of it, or of the time being over; the timer doesn't outlive it. What comes too late is of interest to nobody,
 * not even as an unhandled rejection.
 *
 * @param over called when the time is over; what it throws is what comes of it
 */
export async function within<T, Late>(
  operation: Promise<T>,
  milliseconds: number,
  over: () => Late,
  { sleep }: Pick<Clock, 'sleep'>,
): Promise<T | Late> {
  const timer = new AbortController();
  const late = sleep(milliseconds, timer.signal).then(over);
  try {
    return await Promise.race([operation, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
    operation.catch(() => undefined);
  }
}

import { describe, expect, test } from '@jest/globals';
import { within } from '../../src/lib/within.ts';

/** Sleeps until it is woken, or told that the time is over. */
function createSleep() {
  let end: (() => void) | undefined;
  const aborted: boolean[] = [];
  const sleep = (_milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      end = resolve;
      signal?.addEventListener('abort', () => {
        aborted.push(true);
        reject(signal.reason);
      });
    });
  return { sleep, aborted, timeIsOver: () => end?.() };
}

describe('an operation with so much time', () => {
  test('that comes to its end in it, is what comes of it, and no timer is left', async () => {
    const clock = createSleep();
    expect(await within(Promise.resolve('done'), 1_000, () => 'late', clock)).toBe('done');
    expect(clock.aborted).toEqual([true]);
  });

  test('that fails in it, fails', async () => {
    const clock = createSleep();
    await expect(within(Promise.reject(new Error('no')), 1_000, () => 'late', clock)).rejects.toThrow('no');
    expect(clock.aborted).toEqual([true]);
  });

  test('that takes longer, is late; that it fails afterwards is no unhandled rejection', async () => {
    const clock = createSleep();
    let fail: (error: Error) => void = () => undefined;
    const operation = new Promise<string>((_resolve, reject) => {
      fail = reject;
    });
    const outcome = within(operation, 1_000, () => 'late', clock);
    clock.timeIsOver();
    expect(await outcome).toBe('late');
    fail(new Error('too late'));
    await new Promise(setImmediate);
  });
});

import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createLoop, type Next } from '../../src/lib/createLoop.ts';

/** A loop over a clock that writes down what it is asked to sleep, and sleeps for as long as it is told to. */
function loopOf(rounds: ((signal: AbortSignal) => Next | Promise<Next>)[], options: { jitter?: number } = {}) {
  const sleeps: number[] = [];
  const lines: string[] = [];
  let asleep: (() => void) | undefined;
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: (milliseconds: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        sleeps.push(milliseconds);
        asleep = resolve;
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  let begun = 0;
  let running = 0;
  let most = 0;
  const loop = createLoop(
    {
      round: async (signal) => {
        running += 1;
        most = Math.max(most, running);
        const next = await (rounds[begun++] ?? (() => 'end' as const))(signal);
        running -= 1;
        return next;
      },
      retryMs: 10,
      longestRetryMs: 35,
      failure: 'failed',
      ...options,
    },
    { clock, random: () => 0.5, logger: pino({ level: 'warn' }, { write: (line) => lines.push(line) }) },
  );
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  /** Ends the pause in progress, and returns once the next one has begun, or the loop has ended. */
  const wait = async (): Promise<void> => {
    await settled();
    asleep?.();
    await settled();
  };
  return { loop, sleeps, lines, settled, wait, begun: () => begun, most: () => most };
}

const fails = async (): Promise<Next> => {
  throw new Error('no');
};

describe('a loop', () => {
  test('makes one round after the other with the pauses that they ask for, until one says that it is the last', async () => {
    const { loop, sleeps, wait, begun } = loopOf([() => 100, () => 200, () => 'end']);
    const ended = loop.run();
    await wait();
    await wait();
    await ended;
    expect(sleeps).toEqual([100, 200]);
    expect(begun()).toBe(3);
  });

  test('that has ended begins again when it is asked to', async () => {
    const { loop, begun } = loopOf([() => 'end', () => 'end']);
    await loop.run();
    await loop.run();
    expect(begun()).toBe(2);
  });

  test('that is asked for while its last round ends makes another one', async () => {
    const { loop, begun } = loopOf([
      () => {
        void loop.run();
        return 'end';
      },
    ]);
    await loop.run();
    expect(begun()).toBe(2);
  });

  test('never runs beside itself, however often it is begun and woken', async () => {
    const { loop, settled, most, begun } = loopOf([() => settled().then(() => 5), () => settled().then(() => 5)]);
    const ended = loop.run();
    for (let times = 0; times < 20; times++) {
      loop.wake();
      await settled();
    }
    await ended;
    expect(most()).toBe(1);
    expect(begun()).toBeGreaterThan(2);
  });

  test('logs a failed round and repeats it, with pauses that double up to the longest and begin anew after a success', async () => {
    const { loop, sleeps, lines, wait } = loopOf([fails, fails, fails, () => 7, fails]);
    const ended = loop.run();
    for (let times = 0; times < 5; times++) await wait();
    await ended;
    expect(sleeps).toEqual([10, 20, 35, 7, 10]);
    expect(lines).toHaveLength(4);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'failed', err: { message: 'no' } });
  });

  test('is woken from a pause, but not from one after a failure', async () => {
    const { loop, settled, wait, begun } = loopOf([() => 100, fails]);
    const ended = loop.run();
    await settled();
    loop.wake();
    await settled();
    expect(begun()).toBe(2);
    loop.wake();
    await settled();
    expect(begun()).toBe(2);
    await wait();
    await ended;
  });

  test('takes chance off its pauses, as much as it may', async () => {
    const { loop, sleeps, wait } = loopOf([() => 100], { jitter: 0.2 });
    const ended = loop.run();
    await wait();
    await ended;
    expect(sleeps).toEqual([90]);
  });

  test('closes once the round in progress has ended, which hears of it; what then fails is no failure', async () => {
    const { loop, lines, settled, begun } = loopOf([
      (signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]);
    const ended = loop.run();
    await settled();
    await loop.close();
    await ended;
    await loop.run();
    expect(begun()).toBe(1);
    expect(lines).toEqual([]);
  });

  test('closes from within a pause at once', async () => {
    const { loop, settled, begun } = loopOf([() => 60_000]);
    const ended = loop.run();
    await settled();
    await loop.close();
    await ended;
    expect(begun()).toBe(1);
  });
});

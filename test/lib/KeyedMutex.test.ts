import { describe, expect, test } from '@jest/globals';
import { KeyedMutex } from '../../src/lib/KeyedMutex.ts';

function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('tasks of one key', () => {
  test('of different kinds run one after the other, a failed one holding up nobody', async () => {
    const mutex = new KeyedMutex();
    const { open, opened } = gate();
    const order: string[] = [];
    const first = mutex.share('k', 'start', async () => {
      await opened;
      order.push('start');
      throw new Error('no');
    });
    const second = mutex.share('k', 'stop', async () => order.push('stop'));
    expect(order).toEqual([]);
    open();
    await expect(first).rejects.toThrow('no');
    await second;
    expect(order).toEqual(['start', 'stop']);
  });

  test('that are queued join nobody, and nobody joins them', async () => {
    const mutex = new KeyedMutex();
    const order: string[] = [];
    const say = (text: string) => async () => void order.push(text);
    await Promise.all([
      mutex.share('k', 'start', say('start')),
      mutex.queue('k', say('one')),
      mutex.queue('k', say('two')),
      mutex.share('k', 'start', say('start again')),
    ]);
    expect(order).toEqual(['start', 'one', 'two', 'start again']);
  });

  test('of the same kind share one run and its result, and the next one after runs anew', async () => {
    const mutex = new KeyedMutex();
    let runs = 0;
    const task = async (): Promise<number> => {
      runs += 1;
      return runs;
    };
    expect(await Promise.all([1, 2, 3].map(() => mutex.share('k', 'start', task)))).toEqual([1, 1, 1]);
    expect(await mutex.share('k', 'start', task)).toBe(2);
  });
});

test('tasks of different keys do not wait for each other', async () => {
  const mutex = new KeyedMutex();
  const { open, opened } = gate();
  const slow = mutex.share('a', 'start', () => opened);
  await mutex.share('b', 'start', async () => undefined);
  open();
  await slow;
});

import { expect, test } from '@jest/globals';
import { createWorkQueue, type Round } from '../../src/lib/createWorkQueue.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { testContext } from '../support/testContext.ts';

const queueOf = (roundsAtOnce: number) => {
  const clock = createFakeClock();
  return { clock, queue: createWorkQueue(roundsAtOnce, testContext({ clock })) };
};

test('a job has its rounds until it is done, the failed ones again', async () => {
  const { clock, queue } = queueOf(1);
  const results: (Round | Error)[] = ['progress', 'wait', new Error('no'), 'done'];
  const done = queue.add('a', async () => {
    const result = results.shift() ?? 'done';
    if (result instanceof Error) throw result;
    return result;
  });
  await clock.pass(20_000);
  await done;
  expect(results).toEqual([]);
});

test('whoever asks for the same job meanwhile joins it; afterwards it is a new one', async () => {
  const { queue } = queueOf(1);
  let rounds = 0;
  const round = async () => {
    rounds += 1;
    return 'done' as const;
  };
  await Promise.all([queue.add('a', round), queue.add('a', round)]);
  expect(rounds).toBe(1);
  await queue.add('a', round);
  expect(rounds).toBe(2);
});

test('of many jobs, no more rounds go on at a time than there may', async () => {
  const { clock, queue } = queueOf(2);
  let running = 0;
  let most = 0;
  const done = ['a', 'b', 'c', 'd', 'e'].map((key) =>
    queue.add(key, async () => {
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(10);
      running -= 1;
      return 'done';
    }),
  );
  await clock.pass(100);
  await Promise.all(done);
  expect(most).toBe(2);
});

test('closing ends the pauses, and begins nothing any more', async () => {
  const { clock, queue } = queueOf(1);
  let rounds = 0;
  const waiting = queue.add('a', async () => {
    rounds += 1;
    return 'wait';
  });
  await clock.pass(10);
  await queue.close();
  await waiting;
  const before = rounds;
  await queue.add('b', async () => {
    rounds += 1;
    return 'done';
  });
  expect(rounds).toBe(before);
});

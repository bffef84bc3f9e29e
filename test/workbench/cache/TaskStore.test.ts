import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/lib/clock.ts';
import { defaultTimings } from '../../../src/lib/timings.ts';
import { TaskStore } from '../../../src/workbench/cache/TaskStore.ts';
import type { Task } from '../../../src/workbench/model/Task.ts';
import { aTask } from '../../support/records.ts';
import { testContext } from '../../support/testContext.ts';

const GRACE_MS = 30_000;

/** A store that is asked about t1, and what ECS shows of it at a time. */
function storeOfT1() {
  let now = 0;
  const clock = { ...systemClock, monotonic: () => now };
  const store = new TaskStore(testContext({ clock, timings: { ...defaultTimings, visibilityGraceMs: GRACE_MS } }));
  const entry = store.want('t1');
  const observe = (task: Task | undefined, askedAt: number, answeredAt: number): void => {
    now = answeredAt;
    store.observe(['t1'], new Map(task ? [['t1', task]] : []), askedAt);
  };
  const stopAgreed = (at: number): void => {
    now = at;
    store.stopAgreed('t1');
  };
  return { store, entry, observe, stopAgreed };
}

describe('a task that ECS did not show', () => {
  test('is seen again, however long nobody looked for it', () => {
    const { store, entry, observe } = storeOfT1();
    observe(undefined, 1_000, 1_010);

    observe(aTask(), 1_000 + 2 * GRACE_MS, 1_010 + 2 * GRACE_MS);

    expect(entry.observation?.task).toEqual(aTask());
    expect(store.isFinal(entry)).toBe(false);
  });

  test('is forgotten for good once it is still missing after the grace', () => {
    const { store, entry, observe } = storeOfT1();

    observe(undefined, 1_000, 1_010);
    expect(store.isFinal(entry)).toBe(false);
    observe(undefined, 1_020 + GRACE_MS, 1_030 + GRACE_MS);

    expect(store.isFinal(entry)).toBe(true);
  });
});

test('a task that ECS has agreed to stop is meant to stop, whatever an older view of it says', () => {
  const { store, observe, stopAgreed } = storeOfT1();
  const running = aTask({ status: 'running' });
  observe(running, 1_000, 1_010);
  expect(store.asAgreed(running).toStop).toBe(false);

  stopAgreed(1_020);
  observe(running, 1_030, 1_040);

  expect(store.get('t1')?.observation?.task?.toStop).toBe(true);
  expect(store.asAgreed(running).toStop).toBe(true);
});

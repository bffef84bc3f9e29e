import { describe, expect, test } from '@jest/globals';
import { TaskSightings } from '../../../src/workbench/cache/TaskSightings.ts';
import { aTask } from '../../support/records.ts';

const GRACE_MS = 30_000;

describe('a task that ECS did not show', () => {
  test('is seen again, however long nobody looked for it', () => {
    const sightings = new TaskSightings(GRACE_MS);
    const entry = sightings.entry('t1');
    sightings.put('t1', undefined, 1_000, 1_010);

    sightings.put('t1', aTask(), 1_000 + 2 * GRACE_MS, 1_010 + 2 * GRACE_MS);

    expect(entry.sighting?.task).toEqual(aTask());
    expect(sightings.isFinal(entry)).toBe(false);
  });

  test('is forgotten for good once it is still missing after the grace', () => {
    const sightings = new TaskSightings(GRACE_MS);
    const entry = sightings.entry('t1');

    sightings.put('t1', undefined, 1_000, 1_010);
    expect(sightings.isFinal(entry)).toBe(false);
    sightings.put('t1', undefined, 1_020 + GRACE_MS, 1_030 + GRACE_MS);

    expect(sightings.isFinal(entry)).toBe(true);
  });
});

test('a task that ECS has agreed to stop is meant to stop, whatever an older view of it says', () => {
  const sightings = new TaskSightings(GRACE_MS);
  const running = aTask({ status: 'running' });
  sightings.entry('t1');
  sightings.put('t1', running, 1_000, 1_010);
  expect(sightings.asAgreed(running).toStop).toBe(false);

  sightings.markStopping('t1', 1_020);
  sightings.put('t1', running, 1_030, 1_040);

  expect(sightings.entry('t1').sighting?.task?.toStop).toBe(true);
  expect(sightings.asAgreed(running).toStop).toBe(true);
});

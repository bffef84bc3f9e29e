import { describe, expect, test } from '@jest/globals';
import { startingOf } from '../../../src/workbench/model/starting.ts';
import { statusOf } from '../../../src/workbench/model/status.ts';
import type { Task, TaskTimes } from '../../../src/workbench/model/Task.ts';
import type { Workbench } from '../../../src/workbench/model/Workbench.ts';
import { anEndedTask, aTask, aWorkbench } from '../../support/records.ts';

const LAUNCHED = 1_000_000;
const SEEN = LAUNCHED + 7;
const MINUTE = 60_000;
const CREATED = aWorkbench().createdAt.getTime();
const none = { createdAt: undefined, connectivityAt: undefined, pullStartedAt: undefined, pullStoppedAt: undefined };

function startingAt(now: number, task?: Task, changes: Partial<Workbench> = {}) {
  const workbench = aWorkbench(changes);
  const status = statusOf(workbench, task, { now, visibilityGraceMs: 30_000 });
  return startingOf(workbench, status, task, now, SEEN);
}

const task = (status: string, times: Partial<TaskTimes> = {}, changes: Partial<Task> = {}) =>
  aTask({ status, times: { ...none, ...times }, ...changes });

describe('what a workbench does on its way up', () => {
  test.each<[string, Task | undefined, Partial<Workbench>, string, number]>([
    ['ECS not asked yet, the first time', undefined, { run: 1, outcome: undefined }, 'queued', CREATED],
    ['ECS not asked yet, another time', anEndedTask(), { run: 2 }, 'queued', SEEN],
    ['its task not shown yet', undefined, {}, 'queued', LAUNCHED],
    ['a task without any time', task('provisioning'), {}, 'provisioning', LAUNCHED],
    ['a new task', task('provisioning', { createdAt: 5 }), {}, 'provisioning', 5],
    ['a task with a place', task('pending', { createdAt: 5, connectivityAt: 6 }), {}, 'provisioning', 5],
    ['an image on its way', task('pending', { createdAt: 5, pullStartedAt: 8 }), {}, 'pulling', 8],
    ['an image that is there', task('pending', { pullStartedAt: 8, pullStoppedAt: 9 }), {}, 'booting', 9],
    ['a task being activated', task('activating', { pullStartedAt: 8, pullStoppedAt: 9 }), {}, 'booting', 9],
    ['an image that was there all along', task('activating', { createdAt: 5 }), {}, 'booting', 5],
  ])('with %s', (_condition, shown, changes, step, since) => {
    expect(startingAt(LAUNCHED + 10, shown, changes)).toMatchObject({ step, since });
  });

  test.each<[string, Task | undefined, Partial<Workbench>]>([
    ['that runs', task('running', { createdAt: 5, pullStoppedAt: 9 }), {}],
    ['that has ended', anEndedTask(), {}],
    ['told to stop while its image comes', task('pending', { pullStartedAt: 8 }, { toStop: true }), {}],
    ['that goes down', task('deprovisioning', {}, { toStop: true }), {}],
    ['in a state that ECS has not had so far', task('hibernating'), {}],
    ['being destroyed', task('pending'), { destroy: { step: 'requested' } }],
    ['never started', undefined, { run: 0, outcome: undefined }],
  ])('is nothing for one %s', (_condition, shown, changes) => {
    expect(startingAt(LAUNCHED + 10, shown, changes)).toBeUndefined();
  });

  const at = LAUNCHED;
  test.each<[string, number, Task, RegExp | undefined]>([
    ['no place for less than 2 min', 2 * MINUTE - 1, task('provisioning', { createdAt: at }), undefined],
    ['no place for 2 min', 2 * MINUTE, task('provisioning', { createdAt: at }), /no capacity.*no addresses/],
    ['no place for 2 min, pending', 2 * MINUTE, task('pending', { createdAt: at }), /no capacity/],
    ['a place', 9 * MINUTE, task('pending', { createdAt: at, connectivityAt: at + 1 }), undefined],
    ['an image that comes for less than 3 min', 3 * MINUTE - 1, task('pending', { pullStartedAt: at }), undefined],
    [
      'an image that comes for 3 min',
      3 * MINUTE,
      task('pending', { createdAt: 0, pullStartedAt: at }),
      /image is large/,
    ],
    ['an image that is there', 9 * MINUTE, task('activating', { pullStoppedAt: at }), undefined],
  ])('has the right hint with %s', (_condition, ms, shown, hint) => {
    const told = startingAt(LAUNCHED + ms, shown)?.hint;
    if (hint) expect(told).toMatch(hint);
    else expect(told).toBeUndefined();
  });
});

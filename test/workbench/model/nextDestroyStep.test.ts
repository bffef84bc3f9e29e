import { describe, expect, test } from '@jest/globals';
import { type DestroySight, type DestroyStep, nextDestroyStep } from '../../../src/workbench/model/nextDestroyStep.ts';
import type { Destroy, Workbench } from '../../../src/workbench/model/Workbench.ts';
import { anEndedTask, aTask, aWorkbench } from '../../support/records.ts';

const LAUNCHED = 1_000_000;
const PATIENCE = 600_000;
const moment = { now: LAUNCHED + 30_000, visibilityGraceMs: 30_000 };
const young = { ...moment, now: moment.now - 1 };
const impatient = { ...moment, now: LAUNCHED + PATIENCE + 1 };

const end = (exitCode: number | undefined) =>
  ({ ...anEndedTask().end, exitCode }) as ReturnType<typeof anEndedTask>['end'];
const purgeTask = (changes: Parameters<typeof aTask>[0] = {}) => aTask({ id: 'p1', purge: true, ...changes });
const endedPurge = (exitCode: number | undefined) => anEndedTask({ id: 'p1', purge: true, end: end(exitCode) });
const purging: Destroy = { step: 'purging', generation: 1, attempt: 1, taskId: 'p1', launchedAt: LAUNCHED };
const refused = { generation: 1, refused: true } as const;
const second = { run: 2, outcome: { generation: 2, taskId: 't2', launchedAt: 0 } } as const;

type Sight = Readonly<{ record?: Partial<Workbench>; at?: typeof moment }> & Partial<Omit<DestroySight, 'workbench'>>;

describe('the next step of a destroy', () => {
  test.each<[string, Sight, DestroyStep]>([
    ['a start is unanswered', { record: { run: 2 } }, { kind: 'fence', generation: 2 }],
    ['its task runs', { living: [aTask()], last: aTask() }, { kind: 'stop', tasks: [aTask()] }],
    ['only the record knows of its running task', { last: aTask() }, { kind: 'stop', tasks: [aTask()] }],
    [
      'only ECS knows of a running task',
      { living: [aTask({ id: 't9' })], last: anEndedTask() },
      { kind: 'stop', tasks: [aTask({ id: 't9' })] },
    ],
    [
      'one of two tasks is still to be told',
      { living: [aTask({ toStop: true }), aTask({ id: 't9' })] },
      { kind: 'stop', tasks: [aTask({ id: 't9' })] },
    ],
    ['its task is told and goes down', { living: [aTask({ status: 'stopping', toStop: true })] }, { kind: 'wait' }],
    ['ECS does not show its young task', { at: young }, { kind: 'fence', generation: 1 }],
    ['its task has ended', { last: anEndedTask() }, { kind: 'purge', attempt: 1 }],
    ['ECS has forgotten its task', {}, { kind: 'purge', attempt: 1 }],
    [
      'its first start was refused, so that nothing was ever written',
      { record: { outcome: refused } },
      { kind: 'remove' },
    ],
    [
      'a later start was refused, so that an earlier one may have written',
      { record: { run: 2, outcome: { generation: 2, refused: true } } },
      { kind: 'purge', attempt: 1 },
    ],
    ['the purge runs', { record: { destroy: purging }, living: [purgeTask()], purge: purgeTask() }, { kind: 'wait' }],
    [
      'ECS does not show the young purge',
      { record: { destroy: purging }, last: anEndedTask(), at: young },
      { kind: 'wait' },
    ],
    ['ECS has not shown the purge for long', { record: { destroy: purging } }, { kind: 'purge', attempt: 2 }],
    [
      'ECS refused the purge',
      { record: { destroy: { ...purging, taskId: undefined, launchedAt: 0 } } },
      { kind: 'purge', attempt: 2 },
    ],
    [
      'the purge has emptied the storage',
      { record: { destroy: purging }, purge: endedPurge(0) },
      { kind: 'purged', generation: 1 },
    ],
    ['the purge has failed', { record: { destroy: purging }, purge: endedPurge(1) }, { kind: 'purge', attempt: 2 }],
    ['the purge was killed', { record: { destroy: purging }, purge: endedPurge(137) }, { kind: 'purge', attempt: 2 }],
    [
      'the purge ended and ECS does not say how',
      { record: { destroy: purging }, purge: endedPurge(undefined) },
      { kind: 'purge', attempt: 2 },
    ],
    [
      'the purge hangs',
      { record: { destroy: purging }, purge: purgeTask(), living: [purgeTask()], at: impatient },
      { kind: 'stop', tasks: [purgeTask()] },
    ],
    [
      'the purge runs, begun at a time to come',
      { record: { destroy: { ...purging, launchedAt: 9 * LAUNCHED } }, purge: purgeTask(), living: [purgeTask()] },
      { kind: 'stop', tasks: [purgeTask()] },
    ],
    [
      'the purge hangs and is told',
      { record: { destroy: purging }, purge: purgeTask({ toStop: true }), at: impatient },
      { kind: 'wait' },
    ],
    [
      'a start came after the purge began',
      { record: { ...second, destroy: purging }, purge: endedPurge(0) },
      { kind: 'purge', attempt: 1 },
    ],
    ['it is purged', { record: { destroy: { step: 'purged', generation: 1 } } }, { kind: 'remove' }],
    [
      'it is purged and the purge task still goes down',
      {
        record: { destroy: { step: 'purged', generation: 1 } },
        living: [purgeTask({ status: 'stopping', toStop: true })],
      },
      { kind: 'wait' },
    ],
    [
      'a start came after the purge ended',
      { record: { ...second, destroy: { step: 'purged', generation: 1 } } },
      { kind: 'purge', attempt: 1 },
    ],
    [
      'it is purged and yet a task of its runs',
      { record: { destroy: { step: 'purged', generation: 1 } }, living: [aTask({ id: 't9' })] },
      { kind: 'stop', tasks: [aTask({ id: 't9' })] },
    ],
  ])('when %s', (_condition, { record, living = [], last, purge, at = moment }, expected) => {
    const workbench = aWorkbench({ destroy: { step: 'requested' }, ...record });
    expect(nextDestroyStep({ workbench, living, last, purge }, at, PATIENCE)).toEqual(expected);
  });
});

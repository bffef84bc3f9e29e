import { describe, expect, test } from '@jest/globals';
import { nextStartStep, type StartStep } from '../../../src/workbench/model/nextStartStep.ts';
import type { Task } from '../../../src/workbench/model/Task.ts';
import type { Workbench } from '../../../src/workbench/model/Workbench.ts';
import { anEndedTask, aTask, aWorkbench } from '../../support/records.ts';

const moment = { now: 1_000_000 + 30_000, visibilityGraceMs: 30_000 };
const young = { ...moment, now: moment.now - 1 };

type Sight = Readonly<{ record?: Partial<Workbench>; last?: Task; running?: readonly Task[]; at?: typeof moment }>;

const refused = { generation: 1, refused: true } as const;
const goingDown = aTask({ status: 'stopping', toStop: true });
const stranger = aTask({ id: 't9' });
const purge = aTask({ id: 'p1', purge: true });

describe('the next step of a start', () => {
  test.each<[string, Sight, StartStep]>([
    ['nothing was ever started', { record: { run: 0, outcome: undefined } }, { kind: 'begin', generation: 1 }],
    ['its task runs', { last: aTask(), running: [aTask()] }, { kind: 'nothing', task: aTask() }],
    [
      'its task is on its way',
      { last: aTask({ status: 'pending' }) },
      { kind: 'nothing', task: aTask({ status: 'pending' }) },
    ],
    ['its task ended', { last: anEndedTask() }, { kind: 'begin', generation: 2 }],
    ['its task is going down', { last: goingDown }, { kind: 'goingDown', task: goingDown }],
    [
      'its task is told to stop but still runs',
      { last: aTask({ toStop: true }) },
      { kind: 'goingDown', task: aTask({ toStop: true }) },
    ],
    ['ECS does not show its young task', { at: young }, { kind: 'resolve', generation: 1 }],
    ['ECS has not shown its task for long', {}, { kind: 'begin', generation: 2 }],
    ['the last start was refused', { record: { outcome: refused } }, { kind: 'begin', generation: 2 }],
    ['a start is unanswered', { record: { outcome: undefined } }, { kind: 'resolve', generation: 1 }],
    ['a second start is unanswered', { record: { run: 2 }, last: anEndedTask() }, { kind: 'resolve', generation: 2 }],
    [
      'a second start is unanswered and the first task still goes down',
      { record: { run: 2 }, last: goingDown },
      { kind: 'goingDown', task: goingDown },
    ],
    [
      'a second start is unanswered and its task is seen',
      { record: { run: 2 }, last: anEndedTask(), running: [stranger] },
      { kind: 'adopt', task: stranger },
    ],
    [
      'a task runs that the record does not name',
      { last: anEndedTask(), running: [stranger] },
      { kind: 'adopt', task: stranger },
    ],
    [
      'a task runs beside one that goes down',
      { last: goingDown, running: [stranger] },
      { kind: 'adopt', task: stranger },
    ],
    [
      'the record is behind: outcome newer than run',
      { record: { run: 1, outcome: { generation: 3, taskId: 't3', launchedAt: 0 } } },
      { kind: 'begin', generation: 4 },
    ],
    ['only a purge task runs', { last: anEndedTask(), running: [purge] }, { kind: 'begin', generation: 2 }],
  ])('when %s', (_condition, { record, last, running = [], at = moment }, expected) => {
    expect(nextStartStep(aWorkbench(record), last, running, at)).toEqual(expected);
  });
});

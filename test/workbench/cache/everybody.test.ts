import { expect, test } from '@jest/globals';
import { UnavailableError } from '../../../src/lib/errors.ts';
import { createOverview } from '../../../src/workbench/cache/createOverview.ts';
import { createRecordReflector } from '../../../src/workbench/cache/createRecordReflector.ts';
import { createStandings } from '../../../src/workbench/cache/createStandings.ts';
import { createTaskSurvey } from '../../../src/workbench/cache/createTaskSurvey.ts';
import { RecordStore } from '../../../src/workbench/cache/RecordStore.ts';
import { TaskStore } from '../../../src/workbench/cache/TaskStore.ts';
import { momentOf } from '../../../src/workbench/model/status.ts';
import type { Task } from '../../../src/workbench/model/Task.ts';
import { viewOf } from '../../../src/workbench/model/WorkbenchView.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { aProfile, aTask, aWorkbench, someProfiles } from '../../support/records.ts';
import { testContext } from '../../support/testContext.ts';

const CALLS_PER_SECOND = 10;
const profiles = someProfiles(aProfile());
const ALL = { userId: undefined, status: undefined, text: undefined };

/** So many workbenches, of which every tenth runs; ECS has forgotten the others' tasks. */
function createWorld(count: number) {
  const clock = createFakeClock();
  const context = testContext({ clock });
  const { pollRetryMs } = context.timings;
  const records = new RecordStore(context);
  const store = new TaskStore(context);
  const all = Array.from({ length: count }, (_, index) => ({
    ...aWorkbench(),
    id: index.toString(16).padStart(17, '0'),
    createdAt: new Date(1_600_000_000_000 + index),
    outcome: { generation: 1, taskId: `t${index}`, launchedAt: 0 },
  }));
  const byTask = new Map(all.map((workbench, index) => [`t${index}`, { workbench, runs: index % 10 === 0 }]));
  const calls: { at: number; ids: readonly string[] }[] = [];
  let failing = 0;
  const describe = async (ids: readonly string[]) => {
    calls.push({ at: clock.monotonic(), ids });
    if (failing-- > 0) throw new UnavailableError('AWS does not answer');
    const shown = new Map<string, Task>();
    for (const id of ids) {
      const { workbench, runs } = byTask.get(id) ?? {};
      if (workbench && runs) shown.set(id, aTask({ id, workbenchId: workbench.id }));
    }
    store.observe(ids, shown, clock.monotonic());
    return shown;
  };
  const pages = async function* () {
    yield all;
  };
  const reflector = createRecordReflector({ pages }, { find: async () => undefined }, records, context);
  const never = () => Promise.reject(new Error('nothing is polled here'));
  const overview = createOverview(
    createStandings(records, store, context),
    records,
    store,
    { get: never },
    // Made below: it looks at what the order has to know first.
    { assertComplete: () => survey.assertComplete() },
    {
      syncedRecently: async () => undefined,
      viewWith: (workbench, task, ageMs) => viewOf(workbench, task, profiles, momentOf(context), ageMs),
    },
    context,
  );
  const survey = createTaskSurvey(records, reflector, store, { describe }, CALLS_PER_SECOND, context);
  return { clock, calls, survey, overview, pollRetryMs, fail: (times: number) => (failing = times) };
}

const refusal = async (asked: Promise<unknown>) =>
  await asked.then(
    () => undefined,
    (error: unknown) => error,
  );

test('after a start 10,000 tasks are looked at with half the budget, and until then nobody is told a guess', async () => {
  const { clock, calls, survey, overview } = createWorld(10_000);
  void survey.run();
  await clock.pass(10_000);
  const early = await refusal(overview.page(ALL, undefined, 100));
  expect(early).toBeInstanceOf(UnavailableError);
  // Half of it is done: the other half takes as long again.
  expect(early).toMatchObject({ retryAfterSeconds: 11 });
  await clock.pass(11_000);
  const { views, counts, last } = await overview.page(ALL, undefined, 100);
  expect([views.length, counts]).toEqual([
    100,
    new Map([
      ['running', 1_000],
      ['stopped', 9_000],
    ]),
  ]);
  expect(last?.id).toBe(views.at(-1)?.workbench.id);
  const gaps = calls.slice(1).map(({ at }, index) => at - (calls[index]?.at ?? 0));
  expect([Math.min(...gaps.slice(0, 98)), Math.max(...calls.map(({ ids }) => ids.length))]).toEqual([200, 100]);
  await survey.close();
});

test('from then on those that can still change are looked at, and those that are over no more', async () => {
  const { clock, calls, survey, overview } = createWorld(10_000);
  void survey.run();
  await clock.pass(120_000);
  const before = calls.length;
  await clock.pass(60_000);
  const later = calls.slice(before);
  // 1,000 run: ten calls every ten seconds, or a few more where they come due apart.
  expect(later.flatMap(({ ids }) => ids).every((id) => Number(id.slice(1)) % 10 === 0)).toBe(true);
  expect(later.length).toBeGreaterThanOrEqual(40);
  expect(later.length).toBeLessThanOrEqual(90);
  const { views } = await overview.page({ ...ALL, status: 'running' }, undefined, 1_000);
  expect(Math.max(...views.map(({ ageMs }) => ageMs))).toBeLessThan(15_000);
  await survey.close();
});

test('a look that fails is repeated, and what was seen before it is not looked at again', async () => {
  const { clock, calls, survey, overview, fail } = createWorld(1_000);
  void survey.run();
  await clock.pass(900);
  fail(1);
  await clock.pass(4_000);
  expect((await overview.page(ALL, undefined, 10)).counts?.get('stopped')).toBe(900);
  expect(calls.length).toBe(11);
  await survey.close();
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';

const BUDGET = 10;

let world: WatchedCloud;
let controller: TestController;

beforeEach(async () => {
  world = await startWatchedCloud();
  controller = await startController(world.cloud.url, { WB_STATUS_CALLS_PER_SECOND: String(BUDGET) });
});
afterEach(async () => {
  await controller.close();
  await world[Symbol.asyncDispose]();
});

const looks = (): number =>
  ['DescribeTasks', 'ListTasks']
    .flatMap((operation) => Object.values(world.cloud.calls()[operation] ?? {}))
    .reduce((sum, count) => sum + count, 0);

test('many destroys at once look at tasks no more often than the budget allows, and come to their end', async () => {
  const { cloud } = world;
  const { url } = controller;
  const made = await Promise.all(Array.from({ length: 6 }, () => callController(url, 'POST', '')));
  cloud.clearCalls();
  const began = performance.now();
  await Promise.all(made.map(({ item }) => callController(url, 'DELETE', `/${item?.workbench_id}`)));
  await eventually(
    () => cloud.look().accessPoints.length,
    (count) => count === 0,
  );

  // A second's worth may have been saved up; a poll of what the creates had made may be under way.
  expect(looks()).toBeLessThanOrEqual(BUDGET * (2 + (performance.now() - began) / 1_000) + 5);
  expect(looks()).toBeGreaterThan(2 * BUDGET);
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Reads, startReads } from '../reads/startReads.ts';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';

const BUDGET = 10;

let reads: Reads;

beforeEach(async () => {
  reads = await startReads({ environment: { WB_STATUS_CALLS_PER_SECOND: String(BUDGET) } });
});
afterEach(async () => {
  await reads[Symbol.asyncDispose]();
});

const looks = (): number =>
  ['DescribeTasks', 'ListTasks']
    .flatMap((operation) => Object.values(reads.testCloud.cloud.calls()[operation] ?? {}))
    .reduce((sum, count) => sum + count, 0);

test('many destroys at once look at tasks no more often than the budget allows, and come to their end', async () => {
  const { cloud } = reads.testCloud;
  const url = reads.controllers[0]?.url ?? '';
  const made = await Promise.all(Array.from({ length: 6 }, () => reads.create()));
  cloud.clearCalls();
  const began = performance.now();
  await Promise.all(made.map(({ workbench_id: id }) => callController(url, 'DELETE', `/${id}`)));
  await eventually(
    () => cloud.look().accessPoints.length,
    (count) => count === 0,
  );

  // A second's worth may have been saved up; a poll of what the creates had made may be under way.
  expect(looks()).toBeLessThanOrEqual(BUDGET * (2 + (performance.now() - began) / 1_000) + 5);
  expect(looks()).toBeGreaterThan(2 * BUDGET);
});

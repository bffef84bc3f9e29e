import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { callController } from '../support/callController.ts';
import { type Reads, startReads } from './startReads.ts';

let reads: Reads;

beforeEach(async () => {
  reads = await startReads({ controllers: 2 });
});
afterEach(async () => {
  await reads[Symbol.asyncDispose]();
});

const looks = (): number =>
  Object.values(reads.testCloud.cloud.calls()['DescribeAccessPoints'] ?? {}).reduce((sum, count) => sum + count, 0);

test('a flood of unknown ids costs no call for each, and what another controller has just made is found', async () => {
  const [first, second] = reads.controllers.map(({ url }) => url);
  reads.testCloud.cloud.clearCalls();
  const began = performance.now();
  const ids = Array.from({ length: 600 }, (_, index) => `${index}`.padStart(17, '0'));
  const flood = ids.map(
    async (id) => (await callController(second ?? '', 'GET', `/${id}`, { user: 'mallory' })).status,
  );
  const { item } = await callController(first ?? '', 'POST', '', { user: 'ann' });
  const made = await callController(second ?? '', 'GET', `/${item?.workbench_id}`, { user: 'ann' });

  expect(made.status).toBe(200);
  expect(new Set(await Promise.all(flood))).toEqual(new Set([404]));
  // Five look-ups a second, and the resyncs of two controllers; those of the create itself.
  const seconds = Math.ceil((performance.now() - began) / 1_000);
  expect(looks()).toBeLessThanOrEqual(20 + 10 * seconds);
});

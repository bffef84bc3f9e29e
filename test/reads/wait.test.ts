import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { type Item, type Reads, startReads } from './startReads.ts';

let reads: Reads;
let id: string;

beforeEach(async () => {
  reads = await startReads();
  ({ workbench_id: id } = await reads.create());
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
});

afterEach(async () => {
  await reads[Symbol.asyncDispose]();
});

test('a waiting poll is answered when the status changes', async () => {
  const waiting = reads.call('GET', `/${id}?wait=60`);
  await eventually(
    () => reads.controllers[0]?.connections() ?? 0,
    (open) => open >= 1,
  );
  await reads.call('POST', `/${id}/stop`);
  const { item } = (await (await waiting).json()) as { item: Item };
  expect(item.status).not.toBe('running');
});

test('a waiting poll is answered after its seconds when nothing changes', async () => {
  const { item, took } = await eventually(
    async () => {
      const asked = performance.now();
      const answer = await reads.call('GET', `/${id}?wait=1`);
      return { item: ((await answer.json()) as { item: Item }).item, took: performance.now() - asked };
    },
    // Meanwhile AWS is asked again.
    (answer) => answer.item.status_age_ms < answer.took,
  );
  expect(item.status).toBe('running');
  expect(took).toBeGreaterThan(990);
});

test('a waiting poll of a reader that has something else is answered at once', async () => {
  const answer = await reads.call('GET', `/${id}?wait=60`, { headers: { 'If-None-Match': 'W/"0000000000000000"' } });
  expect(answer.status).toBe(200);
});

test('wait=0 is a poll like any other', async () => {
  expect((await reads.call('GET', `/${id}?wait=0`)).status).toBe(200);
});

test.each(['-1', '61', '1.5', 'soon', '', '1&wait=2'])('wait=%s is a 400 that names it', async (wait) => {
  const answer = await reads.call('GET', `/${id}?wait=${wait}`);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { details: [{ field: 'wait' }] } });
});

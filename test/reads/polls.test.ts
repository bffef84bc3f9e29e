import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { type Item, type Reads, startReads } from './startReads.ts';

let reads: Reads;

beforeEach(async () => {
  reads = await startReads({ controllers: 2 });
});

afterEach(async () => {
  await reads[Symbol.asyncDispose]();
});

const calls = (operation: string): number =>
  Object.values(reads.testCloud.cloud.calls()[operation] ?? {}).reduce((sum, count) => sum + count, 0);

/** @returns the seconds since then that have begun: what AWS may be asked depends on how long a machine takes */
function stopwatch(): () => number {
  const began = performance.now();
  return () => Math.ceil((performance.now() - began) / 1_000);
}

test('two hundred polls of one workbench at once cost AWS two looks a second at most', async () => {
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
  reads.testCloud.cloud.clearCalls();
  const seconds = stopwatch();
  const answers = await Promise.all(Array.from({ length: 200 }, () => reads.call('GET', `/${id}`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(calls('DescribeTasks')).toBeLessThanOrEqual(2 * seconds());
  // Sweeps, of two controllers.
  expect(calls('DescribeAccessPoints')).toBeLessThanOrEqual(6 * seconds());
});

test('a list of many running workbenches looks at a hundred of them with one call', async () => {
  await Promise.all(Array.from({ length: 150 }, () => reads.create()));
  await eventually(
    async () => ((await (await reads.call('GET', '')).json()) as { items: readonly Item[] }).items,
    (items) => items.length === 150 && items.every(({ status }) => status === 'running'),
  );
  // The other controller has read the records of the last ones since their tasks were written down.
  const scanned = calls('DescribeAccessPoints');
  await eventually(
    () => calls('DescribeAccessPoints'),
    (count) => count >= scanned + 6,
  );
  reads.testCloud.cloud.clearCalls();
  const answer = (await (await reads.call('GET', '', { on: 1 })).json()) as { items: readonly Item[] };
  expect(answer.items).toHaveLength(150);
  expect(new Set(answer.items.map(({ status }) => status))).toEqual(new Set(['running']));
  // Two for either controller, and on a busy machine some that were under way; one by one it would be 150.
  expect(calls('DescribeTasks')).toBeLessThan(50);
});

test('after a stop, the next poll no longer says running', async () => {
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
  await reads.call('POST', `/${id}/stop`);
  expect((await reads.item(id)).status).not.toBe('running');
});

test('after a start, the next poll no longer says stopped', async () => {
  const { workbench_id: id } = await reads.create();
  await reads.call('POST', `/${id}/stop`);
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'stopped',
  );
  await reads.call('POST', `/${id}/start`);
  expect((await reads.item(id)).status).not.toBe('stopped');
});

test('what another controller has created is found by its id at once, and soon listed', async () => {
  const { workbench_id: id } = await reads.create();
  expect((await reads.call('GET', `/${id}`, { on: 1 })).status).toBe(200);
  await eventually(
    async () => ((await (await reads.call('GET', '', { on: 1 })).json()) as { items: readonly Item[] }).items,
    (items) => items.length === 1,
  );
});

test('what another controller has started is seen by polls', async () => {
  const { workbench_id: id } = await reads.create();
  await reads.call('POST', `/${id}/stop`);
  await eventually(
    () => reads.item(id, 1),
    ({ status }) => status === 'stopped',
  );
  await reads.call('POST', `/${id}/start`);
  await eventually(
    () => reads.item(id, 1),
    ({ status }) => status === 'running',
  );
});

test('what another controller has destroyed is gone from polls', async () => {
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id, 1),
    ({ status }) => status === 'running',
  );
  await reads.call('DELETE', `/${id}`);
  await eventually(
    () => reads.item(id, 1),
    ({ status }) => status !== 'running',
  );
});

test('an unknown id that many ask for costs AWS one look a second', async () => {
  reads.testCloud.cloud.clearCalls();
  const seconds = stopwatch();
  const answers = await Promise.all(Array.from({ length: 50 }, () => reads.call('GET', '/0123456789abcdef0')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  // Some are the sweeps of two controllers.
  expect(calls('DescribeAccessPoints')).toBeLessThanOrEqual(6 * seconds());
});

test('a reader that has the current state is answered 304, with the age of the status', async () => {
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
  const first = await reads.call('GET', `/${id}`);
  const etag = first.headers.get('etag') ?? '';
  const again = await reads.call('GET', `/${id}`, { headers: { 'If-None-Match': etag } });
  expect(again.status).toBe(304);
  expect(again.headers.get('age')).toBe('0');
  await reads.call('POST', `/${id}/stop`);
  const changed = await reads.call('GET', `/${id}`, { headers: { 'If-None-Match': etag } });
  expect(changed.status).toBe(200);
});

test('a list that has not changed is answered 304', async () => {
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
  const etag = (await reads.call('GET', '')).headers.get('etag') ?? '';
  expect((await reads.call('GET', '', { headers: { 'If-None-Match': etag } })).status).toBe(304);
});

test('the short way and the long way give the same answer', async () => {
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
  const short = await reads.call('GET', `/${id}`);
  // Only Express takes the slash; test/http/bothWays.test.ts compares all else.
  const long = await reads.call('GET', `/${id}/`, { headers: { 'X-Request-Id': 'mine' } });
  expect(long.headers.get('x-request-id')).toBe('mine');
  const headersOf = (response: Response) =>
    Object.fromEntries(
      [...response.headers].filter(([name]) => !['x-request-id', 'date', 'content-length'].includes(name)),
    );
  expect(headersOf(short)).toEqual(headersOf(long));
  const bodyOf = async (response: Response) => {
    const { item } = (await response.json()) as { item: Item };
    return { ...item, status_age_ms: typeof item.status_age_ms };
  };
  expect(await bodyOf(short)).toEqual(await bodyOf(long));
});

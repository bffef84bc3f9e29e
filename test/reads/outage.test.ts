import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { type Item, type Reads, startReads } from './startReads.ts';

const outage = [{ operation: '*', kind: 'error' }] as const;

async function createRunning(reads: Reads): Promise<string> {
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
  return id;
}

test('a status that AWS no longer confirms is told with its age', async () => {
  await using reads = await startReads();
  const id = await createRunning(reads);
  reads.testCloud.cloud.setFaults([...outage]);

  const old = await eventually(
    () => reads.item(id),
    ({ status_age_ms: age }) => age > 1_000,
  );
  expect(old.status).toBe('running');
});

test('a status that is too old to be told is a 503, until AWS confirms it', async () => {
  await using reads = await startReads({ pace: { serveStaleForMs: 1_500 } });
  const { cloud } = reads.testCloud;
  const id = await createRunning(reads);
  cloud.setFaults([...outage]);

  const refused = await eventually(
    () => reads.call('GET', `/${id}`),
    ({ status }) => status !== 200,
  );
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ success: false });
  expect((await reads.call('GET', '')).status).toBe(503);

  cloud.clearFaults();
  const back = await eventually(
    () => reads.call('GET', `/${id}`),
    ({ status }) => status === 200,
  );
  expect(((await back.json()) as { item: Item }).item.status).toBe('running');
});

test('a workbench that was never read before an outage is a 503, not a 404 and not stopped', async () => {
  await using reads = await startReads();
  reads.testCloud.cloud.setFaults([...outage]);
  const answer = await reads.call('GET', '/0123456789abcdef0');
  expect(answer.status).toBe(503);
});

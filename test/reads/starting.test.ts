import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ContainerRuntime } from '@workbench/local-cloud/container-runtime';
import { eventually } from '../support/eventually.ts';
import { readEvents } from '../support/readEvents.ts';
import { createScriptedRuntime } from '../support/scriptedRuntime.ts';
import { type Item, type Reads, startReads } from './startReads.ts';

type Gate = Readonly<{ open: () => void; opened: Promise<void> }>;

function closedGate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** What images, and containers once their image is there, wait for. */
let image = closedGate();
let container = closedGate();
let reads: Reads;

beforeAll(async () => {
  const scripted = createScriptedRuntime();
  const runtime: ContainerRuntime = {
    ...scripted,
    prepare: () => image.opened,
    start: (spec) => container.opened.then(() => scripted.start(spec)),
  };
  reads = await startReads({ cloud: { runtime } });
});

afterAll(async () => {
  image.open();
  container.open();
  await reads[Symbol.asyncDispose]();
});

type Starting = Readonly<{ step: string; since: string }>;
const startingOf = (item: Item): Starting | undefined => (item as Item & { starting?: Starting }).starting;

test('a workbench whose image is on its way says so, since when ECS says it is, the same at each poll; then it runs', async () => {
  const { workbench_id: id } = await reads.create();
  const pulling = await eventually(
    () => reads.item(id),
    (item) => startingOf(item)?.step === 'pulling',
  );
  const [task] = reads.testCloud.cloud.look().tasks;
  expect(pulling.status).toBe('pending');
  expect(startingOf(pulling)?.since).toBe(new Date(task?.pullStartedAt ?? 0).toISOString());

  const etag = (await reads.call('GET', `/${id}`)).headers.get('etag') ?? '';
  await eventually(
    () => reads.testCloud.cloud.calls()['DescribeTasks']?.['ok'] ?? 0,
    (count) => count > 3,
  );
  expect((await reads.call('GET', `/${id}`, { headers: { 'If-None-Match': etag } })).status).toBe(304);

  image.open();
  container.open();
  const up = await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
  expect(startingOf(up)).toBeUndefined();
});

test('a stream tells of a step that changes no status, once', async () => {
  image = closedGate();
  container = closedGate();
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id),
    (item) => startingOf(item)?.step === 'pulling',
  );
  const events = await readEvents(reads.url(`/${id}/events?until=running`));
  const next = async (): Promise<string> => {
    const item = (await events.next())?.data as Item;
    return `${item.status} ${startingOf(item)?.step}`;
  };
  expect(await next()).toBe('pending pulling');
  image.open();
  expect(await next()).toBe('pending booting');
  container.open();
  expect(await next()).toMatch(/^activating booting|^running/);
  while (await events.next());
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { readEvents } from '../support/readEvents.ts';
import { type Item, type Reads, startReads } from './startReads.ts';

let reads: Reads;

beforeEach(async () => {
  reads = await startReads();
});

afterEach(async () => {
  await reads[Symbol.asyncDispose]();
});

async function createRunning(): Promise<string> {
  const { workbench_id: id } = await reads.create();
  await eventually(
    () => reads.item(id),
    ({ status }) => status === 'running',
  );
  return id;
}

const statusOf = (event: Readonly<{ data: unknown }> | undefined): string | undefined =>
  (event?.data as Item | undefined)?.status;

test('a stream tells the status now, then each change, then that the workbench is gone', async () => {
  const id = await createRunning();
  const events = await readEvents(reads.url(`/${id}/events`));
  expect(events.headers['content-type']).toContain('text/event-stream');
  expect(statusOf(await events.next())).toBe('running');
  await reads.call('POST', `/${id}/stop`);
  let status: string | undefined;
  while (status !== 'stopped') status = statusOf(await events.next());
  await reads.call('DELETE', `/${id}`);
  expect(statusOf(await events.next())).toBe('destroying');
  events.abort();
});

test('a client that comes back with the id of the last event hears nothing it knows', async () => {
  const id = await createRunning();
  const first = await readEvents(reads.url(`/${id}/events`));
  const lastEventId = (await first.next())?.id ?? '';
  first.abort();
  const again = await readEvents(reads.url(`/${id}/events`), { 'Last-Event-ID': lastEventId });
  await reads.call('POST', `/${id}/stop`);
  expect(statusOf(await again.next())).not.toBe('running');
  again.abort();
});

test('a stream ends at the state that until names', async () => {
  const id = await createRunning();
  const events = await readEvents(reads.url(`/${id}/events?until=stopped,gone`));
  await reads.call('POST', `/${id}/stop`);
  const seen: (string | undefined)[] = [];
  for (let event = await events.next(); event; event = await events.next()) seen.push(statusOf(event));
  expect(seen.at(0)).toBe('running');
  expect(seen.at(-1)).toBe('stopped');
});

test('a stream whose until is reached already says so and ends', async () => {
  const id = await createRunning();
  const events = await readEvents(reads.url(`/${id}/events?until=running`));
  expect(statusOf(await events.next())).toBe('running');
  expect(await events.next()).toBeUndefined();
});

test.each([
  ['an unknown until', '?until=paused', {}, 'until'],
  ['an empty until', '?until=', {}, 'until'],
  ['a broken Last-Event-ID', '', { 'Last-Event-ID': 'x; DROP' }, 'Last-Event-ID'],
])('%s is a 400 that names it', async (_name, query, headers, field) => {
  const id = await createRunning();
  const answer = await reads.call('GET', `/${id}/events${query}`, { headers });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { details: [{ field }] } });
});

test('the stream of an unknown workbench is a 404', async () => {
  const answer = await reads.call('GET', '/0123456789abcdef0/events');
  expect(answer.status).toBe(404);
});

test('a thousand clients that vanish in mid-stream leave nothing behind', async () => {
  const id = await createRunning();
  const streams = await Promise.all(Array.from({ length: 1_000 }, () => readEvents(reads.url(`/${id}/events`))));
  expect(streams.every(({ status }) => status === 200)).toBe(true);

  const tooMany = await reads.call('GET', `/${id}/events`);
  expect(tooMany.status).toBe(429);
  expect(tooMany.headers.get('retry-after')).not.toBeNull();
  expect(await tooMany.json()).toMatchObject({ error: { code: 'too_many' } });

  for (const stream of streams) stream.abort();
  const [controller] = reads.controllers;
  await eventually(
    () => controller?.connections() ?? 0,
    (open) => open <= 2,
  );
  const next = await eventually(
    () => readEvents(reads.url(`/${id}/events`)),
    ({ status }) => status === 200,
  );
  next.abort();
});

test('streams and waiting polls end cleanly when the controller does', async () => {
  const id = await createRunning();
  const events = await readEvents(reads.url(`/${id}/events`));
  await events.next();
  const poll = reads.call('GET', `/${id}?wait=60`);
  // Once a later request has been answered, the earlier one is surely being waited for.
  await reads.call('GET', '');
  await reads.controllers[0]?.close();
  expect(await events.next()).toBeUndefined();
  expect((await poll).status).toBe(200);
});

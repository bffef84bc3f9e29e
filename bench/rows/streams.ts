import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from '../processes/closedLoad.ts';
import type { HeardOfChange } from '../processes/streamReaders.ts';
import { Child } from '../support/Child.ts';
import { bearer, Controller } from '../support/Controller.ts';
import type { Cloud } from '../support/cloud.ts';
import { count, milliseconds, type Row } from '../support/Row.ts';
import type { Seeded } from '../support/seed.ts';

const STREAMS = 5_000;
/** On one workbench, whose change all of these are told; the rest is spread over the other workbenches. */
const ON_ONE = 500;
const IDLE_MS = 5_000;

/** Five thousand open event streams: what they cost, and how fast a change reaches those it concerns. */
export async function streams(cloud: Cloud, seeded: readonly Seeded[]): Promise<readonly Row[]> {
  const [one, ...others] = seeded;
  if (!one) throw new Error('no workbenches to watch');
  const controller = await Controller.start(cloud);
  const readers = new Child('processes/streamReaders.js');
  const target = ({ id, userId }: Seeded): Target => ({
    path: `/workbenches/${id}/events?user_id=${userId}`,
    headers: { ...bearer(userId), 'X-Port': String(controller.port) },
  });
  const targets = Array.from({ length: STREAMS }, (_, index) =>
    target(index < ON_ONE ? one : (others[index % others.length] ?? one)),
  );

  await controller.call('GET', `/workbenches/${one.id}?user_id=${one.userId}`, one.userId);
  await delay(2_000);
  const before = await controller.child.ask<{ rssBytes: number; heapBytes: number }>('collectGarbage');
  const openMs = await readers.ask<number>('open', targets);
  await delay(1_000);
  const after = await controller.child.ask<{ rssBytes: number; heapBytes: number }>('collectGarbage');

  const idleFrom = await controller.child.usage();
  await delay(IDLE_MS);
  const idleTo = await controller.child.usage();

  const since = Date.now();
  await cloud.seeder.stop(one);
  const told = await readers.ask<HeardOfChange>('heard', { path: target(one).path, since });
  await readers.ask('close');
  await Promise.all([readers.end(), controller.end()]);

  const each = (bytes: number) => `${(bytes / STREAMS / 1024).toFixed(1)} KiB`;
  return [
    {
      what: `${count(STREAMS)} event streams: opening`,
      ratio: '',
      figures: `${milliseconds(openMs)}, ${count(STREAMS / (openMs / 1000))}/s`,
    },
    {
      what: `${count(STREAMS)} event streams: holding`,
      ratio: '',
      figures:
        `${each(after.rssBytes - before.rssBytes)} RSS and ${each(after.heapBytes - before.heapBytes)} heap a stream; ` +
        `${(((idleTo.cpuMs - idleFrom.cpuMs) / IDLE_MS) * 100).toFixed(1)} % of a core`,
    },
    {
      what: `one change to its ${ON_ONE} streams`,
      ratio: '',
      figures:
        `told ${told.heard} of them within ${milliseconds(told.lastAt - told.firstAt)}, ` +
        `the first ${milliseconds(told.firstAt - since)} after the change`,
      goal: { text: 'all told', reached: told.heard === ON_ONE },
    },
  ];
}

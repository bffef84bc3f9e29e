import { setTimeout as delay } from 'node:timers/promises';
import type { RawPlan } from '../processes/rawScript.ts';
import { Child } from '../support/Child.ts';
import { bearer, Controller } from '../support/Controller.ts';
import { AWS_LATENCY_MS, Cloud } from '../support/cloud.ts';
import { milliseconds, type Row, times } from '../support/Row.ts';
import { median } from '../support/statistics.ts';

const ROUNDS = 3;
const AT_ONCE = 4;
/** They start apart, so that polls and looks meet in every phase. */
const APART_MS = 270;
const GOAL = 1.1;
/** A tenth of what Fargate takes: what the controller adds weighs ten times as much as it does there. */
const TIMES = { provisioningMs: 2_000, pendingMs: 3_000, activatingMs: 1_000, visibilityMs: 100 };

type Item = Readonly<{ item: Readonly<{ workbench_id: string; status: string }> }>;
type Way = Readonly<{ what: string; raw: () => Promise<number>; ours: () => Promise<number> }>;

/** Until a new workbench runs: by the API, and by the shortest script of calls to AWS. */
export async function createToRunning(): Promise<readonly Row[]> {
  const cloud = await Cloud.start();
  await cloud.timing({ ...TIMES, latencyMs: AWS_LATENCY_MS });
  const controller = await Controller.start(cloud);
  const script = new Child('processes/rawScript.js');
  const raw = (pollEveryMs: number) => () =>
    script.ask<number>('create', { facts: cloud.facts, pollEveryMs } satisfies RawPlan);
  const ways: readonly Way[] = [
    { what: 'both poll every second', raw: raw(1_000), ours: () => byPolling(controller, 1_000) },
    { what: 'the script polls every 100 ms, the API by ?wait=', raw: raw(100), ours: () => byWaiting(controller) },
  ];

  const rows: Row[] = [];
  for (const { what, raw, ours } of ways) {
    const took = { raw: [] as number[], ours: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      took.raw.push(...(await severalAtOnce(raw)));
      took.ours.push(...(await severalAtOnce(ours)));
    }
    const ratio = median(took.ours) / median(took.raw);
    rows.push({
      what: `create → running, ${what}`,
      ratio: times(ratio),
      figures: `${milliseconds(median(took.ours))} against ${milliseconds(median(took.raw))} by raw SDK calls`,
      goal: { text: `≤ ${GOAL} ×`, reached: ratio <= GOAL },
    });
  }
  await Promise.all([controller.end(), script.end()]);
  await cloud.end();
  return rows;
}

async function severalAtOnce(create: () => Promise<number>): Promise<readonly number[]> {
  return await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, index) => {
      await delay(index * APART_MS);
      return await create();
    }),
  );
}

async function byPolling(controller: Controller, everyMs: number): Promise<number> {
  const startedAt = performance.now();
  const { item } = await controller.call<Item>('POST', '/workbenches?user_id=eve', 'eve');
  for (let status = item.status; status !== 'running'; ) {
    await delay(everyMs);
    ({ status } = (await controller.call<Item>('GET', `/workbenches/${item.workbench_id}?user_id=eve`, 'eve')).item);
  }
  return performance.now() - startedAt;
}

/** By ETag: whatever has changed since the last answer is told at once. */
async function byWaiting(controller: Controller): Promise<number> {
  const startedAt = performance.now();
  const { item } = await controller.call<Item>('POST', '/workbenches?user_id=eve', 'eve');
  const url = `${controller.url}/workbenches/${item.workbench_id}?user_id=eve&wait=25`;
  let etag = '';
  for (let { status } = item; status !== 'running'; ) {
    const headers = { ...bearer('eve'), ...(etag ? { 'If-None-Match': etag } : {}) };
    const response = await fetch(url, { headers });
    etag = response.headers.get('etag') ?? '';
    if (response.status === 200) ({ status } = ((await response.json()) as Item).item);
    else await response.arrayBuffer();
  }
  return performance.now() - startedAt;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { CallCounts } from '@workbench/local-cloud';
import { bearer, Controller } from '../support/Controller.ts';
import { AWS_LATENCY_MS, Cloud } from '../support/cloud.ts';
import { count, milliseconds, type Row, times } from '../support/Row.ts';
import type { Seeded } from '../support/seed.ts';
import { median } from '../support/statistics.ts';

const ROUNDS = 5;
const FLOODED_IDS = 10_000;
const CONNECTIONS = 64;
const FLOOD_GOAL = 1.2;
const DESTROYS = 24;
const STATUS_CALLS_PER_SECOND = 10;
const STORM = 200;
const OTHER = 'ann';
const STORMING = 'mallory';

/** What one user's floods and storms do to another, at AWS's rates. */
export async function fairness(): Promise<readonly Row[]> {
  const cloud = await Cloud.start();
  const own = await cloud.seeder.seed(Array.from({ length: ROUNDS * 2 + 2 }, () => ({ userId: OTHER, running: true })));
  const doomed = await cloud.seeder.seed(Array.from({ length: DESTROYS }, () => ({ userId: OTHER, running: true })));
  const controller = await Controller.start(cloud);
  const many = await stoppedWorkbenches(controller);
  await cloud.timing({ latencyMs: AWS_LATENCY_MS, rates: 'aws' });
  await controller.call('GET', `/workbenches?user_id=${OTHER}`, OTHER);
  const rows = [
    ...(await flood(cloud, controller, own)),
    await storm(cloud, controller, many, own.slice(-1)),
    await destroys(cloud, controller, doomed),
  ];
  await controller.end();
  await cloud.end();
  return rows;
}

/** Made and stopped by the controller, so that their task definitions are its own. */
async function stoppedWorkbenches(controller: Controller): Promise<readonly string[]> {
  const ids: string[] = [];
  const path = `/workbenches?user_id=${STORMING}`;
  const work = async (): Promise<void> => {
    while (ids.length < STORM) {
      const { item } = await controller.call<{ item: { workbench_id: string } }>('POST', path, STORMING);
      ids.push(item.workbench_id);
      await ask(controller, 'POST', `/${item.workbench_id}/stop`, STORMING);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return ids.slice(0, STORM);
}

type Answer = Readonly<{ status: number; ms: number }>;

async function ask(controller: Controller, method: string, path: string, user: string): Promise<Answer> {
  const startedAt = performance.now();
  const url = `${controller.url}/workbenches${path}?user_id=${user}`;
  const response = await fetch(url, { method, headers: bearer(user) });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - startedAt };
}

async function callsOf(
  cloud: Cloud,
  operations: readonly string[],
): Promise<Readonly<{ all: number; throttled: number }>> {
  const calls = await cloud.child.ask<CallCounts>('calls');
  const counts = operations.map((operation) => calls[operation] ?? {});
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    all: sum(counts.flatMap((results) => Object.values(results))),
    throttled: sum(counts.map((results) => results['ThrottlingException'] ?? 0)),
  };
}

/** Stops and starts one workbench after the other, at a pace that AWS allows. */
async function stopAndStart(controller: Controller, workbenches: readonly Seeded[]): Promise<readonly number[]> {
  const took: number[] = [];
  for (const { id } of workbenches) {
    for (const command of ['stop', 'start']) {
      const { status, ms } = await ask(controller, 'POST', `/${id}/${command}`, OTHER);
      took.push(status === 200 || status === 409 ? ms : Number.POSITIVE_INFINITY);
      await delay(500);
    }
  }
  return took;
}

async function flood(cloud: Cloud, controller: Controller, own: readonly Seeded[]): Promise<readonly Row[]> {
  const alone = await stopAndStart(controller, own.slice(0, ROUNDS));
  await cloud.child.ask('clearCalls');
  const startedAt = performance.now();
  let next = 0;
  let going = true;
  const loops = Array.from({ length: CONNECTIONS }, async () => {
    while (going && next < FLOODED_IDS) {
      const id = (next++).toString(16).padStart(17, 'f');
      await ask(controller, 'GET', `/${id}`, STORMING);
    }
  });
  const flooded = await stopAndStart(controller, own.slice(ROUNDS, ROUNDS * 2));
  const seconds = (performance.now() - startedAt) / 1000;
  const { all, throttled } = await callsOf(cloud, ['DescribeAccessPoints']);
  going = false;
  await Promise.all(loops);
  const ratio = median(flooded) / median(alone);
  return [
    {
      what: `stop and start while another floods with random ids over ${CONNECTIONS} connections`,
      ratio: times(ratio),
      figures: `${milliseconds(median(flooded))} against ${milliseconds(median(alone))}; ${count(next)} ids asked for, DescribeAccessPoints ${(all / seconds).toFixed(1)}/s, ${throttled} throttled`,
      goal: { text: `≤ ${FLOOD_GOAL} ×`, reached: ratio <= FLOOD_GOAL },
    },
  ];
}

async function storm(
  cloud: Cloud,
  controller: Controller,
  many: readonly string[],
  own: readonly Seeded[],
): Promise<Row> {
  const [last] = own;
  if (!last) throw new Error('no workbench to start');
  await ask(controller, 'POST', `/${last.id}/stop`, OTHER);
  await delay(3_000);
  await cloud.child.ask('clearCalls');
  const storming = many.map((id) => ask(controller, 'POST', `/${id}/start`, STORMING));
  await delay(1_000);
  const { status, ms } = await ask(controller, 'POST', `/${last.id}/start`, OTHER);
  const answers = await Promise.all(storming);
  const { all, throttled } = await callsOf(cloud, ['DescribeTasks', 'ListTasks', 'RunTask']);
  const well = answers.filter((answer) => answer.status === 200).length;
  return {
    what: `a start while another user starts ${STORM} at once`,
    ratio: '',
    figures: `${status} after ${milliseconds(ms)}; of the others ${well} well, ${STORM - well} told when to come back; ${all} calls of DescribeTasks, ListTasks and RunTask, ${throttled} throttled`,
    goal: { text: 'started', reached: status === 200 },
  };
}

async function destroys(cloud: Cloud, controller: Controller, doomed: readonly Seeded[]): Promise<Row> {
  await delay(10_000);
  await cloud.child.ask('clearCalls');
  const startedAt = performance.now();
  await Promise.all(doomed.map(({ id }) => ask(controller, 'DELETE', `/${id}`, OTHER)));
  await delay(10_000);
  const { all, throttled } = await callsOf(cloud, ['DescribeTasks', 'ListTasks']);
  const perSecond = all / ((performance.now() - startedAt) / 1000);
  return {
    what: `${DESTROYS} destroys at once, the first ten seconds`,
    ratio: times(perSecond / STATUS_CALLS_PER_SECOND),
    figures: `DescribeTasks and ListTasks ${perSecond.toFixed(1)}/s, ${throttled} throttled`,
    // A second's worth may have been saved up.
    goal: { text: `≤ ${STATUS_CALLS_PER_SECOND}/s`, reached: perSecond <= STATUS_CALLS_PER_SECOND * 1.15 },
  };
}

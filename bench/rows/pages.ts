import { setTimeout as delay } from 'node:timers/promises';
import type { Round, RoundResult } from '../processes/closedLoad.ts';
import { Child } from '../support/Child.ts';
import { Controller } from '../support/Controller.ts';
import type { Cloud } from '../support/cloud.ts';
import { count, milliseconds, type Row } from '../support/Row.ts';
import { median } from '../support/statistics.ts';

const KEY = 'the-key-of-an-operator';
const headers = { Authorization: `Bearer ${KEY}` };
const ROUNDS = 3;
const ROUND_MS = 4_000;
const GOAL_MS = 10;
/** Two scans of all records, and what lies between. */
const SCANS_MS = 32_000;

type Page = Readonly<{ next_cursor?: string; counts?: Readonly<Record<string, number>> }>;

/** What operators see of all: each kind of page as fast as one reader can turn them, and the scans behind it. */
export async function pages(cloud: Cloud, nodeOptions: readonly string[]): Promise<readonly Row[]> {
  const controller = await Controller.start(cloud, nodeOptions, { RESTAPI_AUTH_STATIC_KEY: KEY });
  const load = new Child('processes/closedLoad.js');
  const startedAt = performance.now();
  const passMs = await firstPass(controller, startedAt);

  const rows: Row[] = [
    {
      what: 'all workbenches: first answer after a start',
      ratio: '',
      figures: `${count(passMs)} ms: 10,000 tasks at half the budget`,
    },
  ];
  const middle = await cursorAfter(controller, 50);
  const kinds: readonly (readonly [what: string, path: string])[] = [
    ['first page of 100, with counts', '/workbenches?all=true'],
    ['a page of 100 in the middle', `/workbenches?all=true&cursor=${middle}`],
    ['first page of a search that finds one user', '/workbenches?all=true&q=user-77'],
    ['first page of those that run', '/workbenches?all=true&status=running'],
    ['first page of 1,000', '/workbenches?all=true&limit=1000'],
  ];
  for (const [what, path] of kinds) rows.push(await measure(controller, load, what, path));

  await controller.child.pauses();
  await delay(SCANS_MS);
  const { longestMs, busiestMs } = await controller.child.pauses();
  rows.push({
    what: 'all workbenches: scans of 10,000, nobody asking',
    ratio: '',
    figures: `longest pause of the event loop ${milliseconds(longestMs)}, of which CPU ${milliseconds(busiestMs)}`,
    goal: { text: `≤ ${GOAL_MS} ms`, reached: longestMs <= GOAL_MS },
  });
  await Promise.all([controller.end(), load.end()]);
  return rows;
}

async function measure(controller: Controller, load: Child, what: string, path: string): Promise<Row> {
  await load.ask('targets', [{ path, headers }]);
  await controller.child.pauses();
  const rounds: RoundResult[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const plan: Round = { port: controller.port, connections: 1, warmUpMs: 500, milliseconds: ROUND_MS };
    rounds.push(await load.ask<RoundResult>('run', plan));
  }
  const { longestMs, busiestMs } = await controller.child.pauses();
  const of = (key: keyof RoundResult) => median(rounds.map((round) => round[key]));
  return {
    what: `all workbenches: ${what}`,
    ratio: '',
    figures:
      `${count(of('perSecond'))}/s, p50 ${milliseconds(of('p50Ms'))}, p99 ${milliseconds(of('p99Ms'))}; ` +
      `longest pause of the event loop ${milliseconds(longestMs)}, of which CPU ${milliseconds(busiestMs)}`,
    goal: { text: `p99 ≤ ${GOAL_MS} ms`, reached: of('p99Ms') <= GOAL_MS },
  };
}

async function ask(controller: Controller, query: string): Promise<Page | undefined> {
  const answer = await fetch(`${controller.url}/workbenches?all=true${query}`, { headers });
  if (answer.status === 503) return undefined;
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Page;
}

async function firstPass(controller: Controller, startedAt: number): Promise<number> {
  while (!(await ask(controller, '&limit=1'))) await delay(100);
  return performance.now() - startedAt;
}

/** Of so many pages of a hundred. */
async function cursorAfter(controller: Controller, pagesRead: number): Promise<string> {
  let cursor = '';
  for (let read = 0; read < pagesRead; read += 1) {
    cursor = (await ask(controller, cursor && `&cursor=${cursor}`))?.next_cursor ?? cursor;
  }
  return cursor;
}

import { Controller } from '../support/Controller.ts';
import type { Cloud } from '../support/cloud.ts';
import { megabytes, milliseconds, type Row } from '../support/Row.ts';
import type { Seeded } from '../support/seed.ts';
import { median } from '../support/statistics.ts';

const RUNS = 3;
const GOAL_MS = 1_000;
const GOAL_BYTES = 150e6;

type Start = Readonly<{ readyMs: number; answerMs: number; rss: number; rssAfterGc: number; heapAfterGc: number }>;

/** A controller that has just been started over ten thousand workbenches: when it answers, and what it weighs then. */
export async function firstAnswer(cloud: Cloud, { id, userId }: Seeded): Promise<readonly Row[]> {
  const paths = { list: `/workbenches?user_id=${userId}`, 'GET one': `/workbenches/${id}?user_id=${userId}` };
  const rows: Row[] = [];
  for (const [what, path] of Object.entries(paths)) {
    const starts: Start[] = [];
    for (let run = 0; run < RUNS; run++) starts.push(await start(cloud, path, userId));
    const of = (key: keyof Start) => median(starts.map((each) => each[key]));
    rows.push({
      what: `first answer (${what}) after start-up, 10,000 workbenches`,
      ratio: '',
      figures: `${milliseconds(of('answerMs'))} after it listens, ${milliseconds(of('readyMs') + of('answerMs'))} after exec`,
      goal: { text: '≤ 1 s of start-up work', reached: of('answerMs') <= GOAL_MS },
    });
    if (what === 'list') {
      rows.push({
        what: 'memory then',
        ratio: '',
        figures: `RSS ${megabytes(of('rss'))}; after a collection RSS ${megabytes(of('rssAfterGc'))}, heap ${megabytes(of('heapAfterGc'))}`,
        goal: { text: 'RSS ≤ 150 MB', reached: of('rss') <= GOAL_BYTES },
      });
    }
  }
  return rows;
}

async function start(cloud: Cloud, path: string, userId: string): Promise<Start> {
  const controller = await Controller.start(cloud);
  const readyAt = performance.now();
  await controller.call('GET', path, userId);
  const answerMs = performance.now() - readyAt;
  const { rssBytes: rss } = await controller.child.usage();
  const collected = await controller.child.ask<{ rssBytes: number; heapBytes: number }>('collectGarbage');
  await controller.end();
  return {
    readyMs: controller.readyMs,
    answerMs,
    rss,
    rssAfterGc: collected.rssBytes,
    heapAfterGc: collected.heapBytes,
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Round, RoundResult } from '../processes/closedLoad.ts';
import type { Child } from '../support/Child.ts';
import { bearer, type Controller } from '../support/Controller.ts';
import { count, milliseconds, type Row } from '../support/Row.ts';
import { median } from '../support/statistics.ts';

const ROUNDS = 3;
const ROUND_MS = 6_000;
const GOAL_MS = 10;

/** A user's list of fifty among all workbenches: as fast as it goes, and at the pace of people. */
export async function list(controller: Controller, load: Child, users: readonly string[]): Promise<readonly Row[]> {
  const targets = users.map((userId) => ({ path: `/workbenches?user_id=${userId}`, headers: bearer(userId) }));
  await load.ask('targets', targets);
  // Everybody's tasks have been looked at once: what a user's first list costs is told with the first answer.
  for (const userId of users) await controller.call('GET', `/workbenches?user_id=${userId}`, userId);
  await delay(1_000);
  await controller.child.pauses();

  const rows: Row[] = [];
  for (const connections of [1, 8]) {
    const rounds: RoundResult[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const plan: Round = { port: controller.port, connections, warmUpMs: 500, milliseconds: ROUND_MS };
      rounds.push(await load.ask<RoundResult>('run', plan));
    }
    const of = (key: keyof RoundResult) => median(rounds.map((round) => round[key]));
    const { longestMs } = await controller.child.pauses();
    rows.push({
      what: `list of 50 among 10,000, ${connections} connection${connections > 1 ? 's' : ''}`,
      ratio: '',
      figures:
        `${count(of('perSecond'))}/s, p50 ${milliseconds(of('p50Ms'))}, p99 ${milliseconds(of('p99Ms'))}; ` +
        `longest pause of the event loop ${milliseconds(longestMs)}`,
      goal: { text: `p99 ≤ ${GOAL_MS} ms`, reached: of('p99Ms') <= GOAL_MS },
    });
  }
  return rows;
}

import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Build, buildController } from './buildController.ts';
import { awsCallSites } from './callSites.ts';
import { type CrashPoint, crashAt, rehearse } from './crashAt.ts';
import { Lane } from './Lane.ts';
import { type Scenario, scenarios } from './scenarios.ts';

/** Every point of every operation with `npm run test:crash`; else each AWS operation once. */
const everything = process.env['CRASH'] === 'all';
const only = process.env['CRASH_ONLY'];

/** No operation makes as many; a controller that never comes to rest would. */
const MOST_CALLS = 60;

const points: CrashPoint[] = [];

const operationOf = (call: string): string => call.replace(/^\w+:/, '');
const killedAt = (): ReadonlySet<string> => new Set(points.map(({ call }) => operationOf(call)));
const notKilledAt = (): readonly string[] => [...awsCallSites().keys()].filter((name) => !killedAt().has(name));
let build: Build;

beforeAll(async () => {
  build = await buildController();
});

afterAll(async () => {
  await build[Symbol.asyncDispose]();
});

/** Both phases of every call there is, until there are no more. */
async function crashEverywhere(lane: Lane, scenario: Scenario): Promise<void> {
  for (let at = 1; at < MOST_CALLS; at++) {
    const before = await crashAt(lane, scenario, at, 'before');
    const after = await crashAt(lane, scenario, at, 'after');
    const reached = [before, after].filter((point) => point !== undefined);
    points.push(...reached);
    if (!reached.some(({ call }) => call !== '-')) return;
  }
}

/** What neither lane has been killed at yet, in the operation where it comes up first. */
async function crashSomewhere(lane: Lane, scenario: Scenario): Promise<void> {
  if (notKilledAt().length === 0) return;
  const calls = await rehearse(lane, scenario);
  for (const [index, call] of calls.entries()) {
    if (killedAt().has(operationOf(call))) continue;
    const point = await crashAt(lane, scenario, call, index % 2 === 0 ? 'after' : 'before');
    if (point) points.push(point);
  }
}

async function runLane(withReplica: boolean): Promise<void> {
  const lane = await Lane.open(build.folder, withReplica);
  try {
    for (const scenario of scenarios.filter(({ name }) => !only || name === only)) {
      if (everything) await crashEverywhere(lane, scenario);
      else await crashSomewhere(lane, scenario);
    }
  } finally {
    await lane.close();
  }
}

describe('a controller killed at each AWS call of each operation', () => {
  test('and started again, alone or beside another, keeps what was promised', async () => {
    const begun = Date.now();
    // Both to their end: what they share is taken away afterwards.
    const lanes = await Promise.allSettled([runLane(false), runLane(true)]);
    const failed = lanes.flatMap((lane) => (lane.status === 'rejected' ? [String(lane.reason)] : []));
    expect(failed).toEqual([]);
    const kills = points.filter(({ call }) => call !== '-');
    const violations = points.flatMap(({ violations: found, ...point }) =>
      found.map((violation) => `${JSON.stringify(point)}: ${violation}`),
    );
    const seconds = Math.round((Date.now() - begun) / 1000);
    process.stdout.write(
      `crash suite: ${scenarios.length} operations, ${kills.length} kills, ${violations.length} violations, ${seconds} s\n`,
    );
    expect(violations).toEqual([]);
  }, 1_800_000);

  test('and killed at every AWS operation that the code can call', () => {
    expect(only ? [] : notKilledAt()).toEqual([]);
  });
});

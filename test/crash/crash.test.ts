import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Build, buildController } from './buildController.ts';
import { awsCallSites } from './callSites.ts';
import { type CrashPoint, crashAt } from './crashAt.ts';
import { Lane, type Phase } from './Lane.ts';
import { scenarios } from './scenarios.ts';

/** Every point with `npm run test:crash`; else, of each two that differ in their phase alone, one. */
const everything = process.env['CRASH'] === 'all';
const only = process.env['CRASH_ONLY'];

const points: CrashPoint[] = [];
let build: Build;

beforeAll(async () => {
  build = await buildController();
}, 60_000);

afterAll(async () => {
  await build[Symbol.asyncDispose]();
});

async function crashEverywhere(withReplica: boolean): Promise<void> {
  const lane = await Lane.open(build.folder, withReplica);
  try {
    for (const scenario of scenarios.filter(({ name }) => !only || name === only)) {
      for (let at = 1; at < 50; at++) {
        const usual: Phase = (at % 2 === 0) === withReplica ? 'before' : 'after';
        const phases: readonly Phase[] = everything ? ['before', 'after'] : [usual];
        const reached: CrashPoint[] = [];
        for (const phase of phases) {
          const point = await crashAt(lane, scenario, at, phase);
          if (point) reached.push(point);
          if (process.env['CRASH_LOG'])
            appendFileSync(
              process.env['CRASH_LOG'],
              `${Date.now() % 1e6} ${withReplica} ${scenario.name} ${at} ${phase} ${JSON.stringify(point)}\n`,
            );
        }
        points.push(...reached);
        if (!reached.some(({ call }) => call !== '-')) break;
      }
    }
  } finally {
    await lane.close();
  }
}

describe('a controller killed at each AWS call of each operation', () => {
  test('and started again, alone or beside another, keeps what was promised', async () => {
    const begun = Date.now();
    await Promise.all([crashEverywhere(false), crashEverywhere(true)]);
    const kills = points.filter(({ call }) => call !== '-');
    const violations = points.flatMap(({ violations: found, ...point }) =>
      found.map((violation) => `${JSON.stringify(point)}: ${violation}`),
    );
    const seconds = Math.round((Date.now() - begun) / 1000);
    process.stdout.write(
      `crash suite: ${scenarios.length} operations, ${kills.length} kills, ${violations.length} violations, ${seconds} s\n`,
    );
    expect(violations).toEqual([]);
  }, 600_000);

  test('and killed at every AWS operation that the code can call', () => {
    const killedAt = new Set(points.map(({ call }) => call.replace(/^\w+:/, '')));
    const missed = [...awsCallSites().keys()].filter((operation) => !only && !killedAt.has(operation));
    expect(missed).toEqual([]);
  });
});

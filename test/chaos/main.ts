import process from 'node:process';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { childProcessReplicas } from './childProcesses.ts';
import type { ReplicaSource } from './controllers.ts';
import { inProcessReplicas } from './inProcess.ts';
import { type Report, runScenario } from './runScenario.ts';
import { type Scenario, scenarios, scriptOf } from './steps.ts';

const help = `Random users, clouds and crashes against the controller, its replicas being processes that die by SIGKILL.

npm run test:chaos -- [--runs N] [--seed S] [--lanes L] [--path P] [--light]
  --runs N    operations in all (default 10000)
  --seed S    repeats a run (default: the time)
  --lanes L   scenarios at the same time (default 20)
  --light     replicas in this process, cut off from all instead of killed
  --path P    with the seed of a failure: that scenario alone
`;

/** Longest scenario; they are of all lengths up to it. */
const STEPS = 60;
/** How long a failure may be made smaller. */
const SHRINK_FOR_MS = 900_000;
/** A lane goes on with another seed after so many. */
const SCENARIOS_A_SEED = 20;
/** So far apart that no two lanes meet. */
const LANE_SEED = 1_000_003;
const NEXT_SEED = 7919;
const PROGRESS_EVERY_MS = 5_000;

class Totals {
  scenarios = 0;
  operations = 0;
  kills = 0;
  readonly faults: Record<string, number> = {};
  violations = 0;

  add({ operations, kills, faults }: Report): void {
    this.scenarios += 1;
    this.operations += operations;
    this.kills += kills;
    for (const [kind, count] of Object.entries(faults)) this.faults[kind] = (this.faults[kind] ?? 0) + count;
  }
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    lanes: { type: 'string', default: '20' },
    path: { type: 'string' },
    light: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
});
if (values.help) process.stdout.write(help);
else process.exitCode = await main(Number(values.runs), Number(values.seed), Number(values.lanes), values.path);

async function main(runs: number, seed: number, lanes: number, path: string | undefined): Promise<number> {
  const started = performance.now();
  const totals = new Totals();
  const source = values.light ? inProcessReplicas() : childProcessReplicas(3);
  const progress = setInterval(() => process.stdout.write(`${line(totals, started)}\n`), PROGRESS_EVERY_MS);
  process.stdout.write(`chaos: ${runs} operations, seed ${seed}\n`);
  const enough = (): boolean => totals.operations >= runs;
  const count = path === undefined ? lanes : 1;
  // Each lane has its own seed; a failure names the one that repeats it.
  await Promise.all(
    Array.from({ length: count }, (_, lane) =>
      playLane({ seed: seed + lane * LANE_SEED, path, totals, enough, source }),
    ),
  );
  clearInterval(progress);
  await source.close();
  process.stdout.write(`${summary(totals, seed, started)}\n`);
  return totals.violations > 0 ? 1 : 0;
}

async function playLane({
  seed,
  path,
  totals,
  enough,
  source,
}: Readonly<{
  seed: number;
  path: string | undefined;
  totals: Totals;
  enough: () => boolean;
  source: ReplicaSource;
}>): Promise<void> {
  let failedAt: number | undefined;
  const property = fc.asyncProperty(scenarios(STEPS), async (scenario: Scenario) => {
    if (failedAt === undefined ? enough() : performance.now() - failedAt > SHRINK_FOR_MS) return;
    const report = await runScenario(scenario, source);
    if (failedAt === undefined) totals.add(report);
    if (report.violations.length === 0) return;
    if (failedAt === undefined) {
      totals.violations += report.violations.length;
      process.stdout.write(`violation, being made smaller:\n${report.violations.join('\n')}\n`);
      failedAt = performance.now();
    }
    throw new Error(report.violations.join('\n'));
  });
  const result = await fc.check(property, { seed, numRuns: SCENARIOS_A_SEED, ...(path === undefined ? {} : { path }) });
  if (!result.failed) {
    if (path === undefined && !enough()) await playLane({ seed: seed + NEXT_SEED, path, totals, enough, source });
    return;
  }
  const [scenario] = result.counterexample ?? [];
  process.stdout.write(
    `\nViolated:\n${result.errorInstance instanceof Error ? result.errorInstance.message : ''}\n\n` +
      `${scenario ? scriptOf(scenario) : ''}\n\n` +
      `Again: npm run test:chaos -- --seed ${seed} --path ${result.counterexamplePath}\n`,
  );
}

function line({ operations, scenarios: played, kills, faults, violations }: Totals, started: number): string {
  const struck = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const seconds = Math.round((performance.now() - started) / 1000);
  return `${seconds} s: ${operations} operations in ${played} scenarios, ${struck} faults, ${kills} kills, ${violations} violations`;
}

function summary(totals: Totals, seed: number, started: number): string {
  const kinds = Object.entries(totals.faults).map(([kind, count]) => `  ${kind.padEnd(22)}${count}`);
  return [
    '',
    `operations            ${totals.operations} in ${totals.scenarios} scenarios`,
    'faults injected',
    ...kinds,
    `kills                 ${totals.kills}`,
    `invariant violations  ${totals.violations}`,
    `seed                  ${seed}`,
    `time                  ${Math.round((performance.now() - started) / 1000)} s`,
  ].join('\n');
}

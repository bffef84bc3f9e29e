import process from 'node:process';
import { parseArgs } from 'node:util';
import { measureStep, type Step } from './scale/measureStep.ts';
import { scalePlot, scaleReport } from './scale/report.ts';
import { endChildrenWithThisProcess } from './support/Child.ts';
import { AWS_LATENCY_MS, Cloud } from './support/cloud.ts';
import { machine, progress, writePlot, writeReport } from './support/report.ts';
import type { Seeded, Wish } from './support/seed.ts';

const help = `Ten thousand pollers, one poll a second each, over more and more workbenches, with AWS's rates.

  npm run bench:scale -- [--seconds 60] [--sizes 1000,2500,5000,10000] [--pollers 10000] [--write]

  --seconds   how long each size is measured
  --sizes     numbers of workbenches, growing; all of them run
  --pollers   how many
  --write     the tables and the plot into docs/ as well
`;

const FEW_POLLERS = 100;
const COMPARED_WORKBENCHES = 100;
const COMPARED_SECONDS = 12;
const WORKBENCHES_EACH = 10;
const TASKS_START_MS = 2_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    sizes: { type: 'string', default: '1000,2500,5000,10000' },
    pollers: { type: 'string', default: '10000' },
    write: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit();
}
const seconds = positive(values.seconds);
const pollers = positive(values.pollers);
const sizes = values.sizes.split(',').map(positive);

endChildrenWithThisProcess();
const cloud = await Cloud.start();
const all: Seeded[] = [];

await grow(COMPARED_WORKBENCHES);
const compare = async (pollers: number): Promise<Step> => {
  progress(`${COMPARED_WORKBENCHES} workbenches, ${pollers} pollers`);
  return await measureStep(cloud, all, { pollers, seconds: Math.min(seconds, COMPARED_SECONDS), changes: false });
};
const few = await compare(FEW_POLLERS);
const many = await compare(pollers);

const steps: Step[] = [];
for (const size of sizes) {
  await grow(size);
  progress(`${size} workbenches, ${pollers} pollers, ${seconds} s`);
  const step = await measureStep(cloud, all, { pollers, seconds, changes: true });
  const { perSecond, generatorCpu } = step.polls;
  progress(`  ${Math.round(perSecond)} polls a second, the pollers used ${Math.round(generatorCpu * 100)} % of a core`);
  steps.push(step);
}
await cloud.end();

const report = `${machine()}\n\n${scaleReport(steps, few, many)}`;
process.stdout.write(`${report}\n`);
if (values.write) {
  writeReport('scale', `${report}\n\n![How calls, ages, lags and memory grow](performance-scale.svg)`);
  writePlot('performance-scale.svg', scalePlot(steps));
}
process.exit();

/** Makes as many running workbenches as are missing, without AWS's rates and latency, then turns those on. */
async function grow(size: number): Promise<void> {
  progress(`making ${size - all.length} workbenches`);
  await cloud.timing({ rates: 'off', latencyMs: 0 });
  const wishes = Array.from({ length: size - all.length }, (_, index): Wish => {
    const serial = all.length + index;
    return { userId: `user-${Math.floor(serial / WORKBENCHES_EACH)}`, running: true };
  });
  all.push(...(await cloud.seeder.seed(wishes)));
  await new Promise((resolve) => setTimeout(resolve, TASKS_START_MS));
  await cloud.timing({ rates: 'aws', latencyMs: AWS_LATENCY_MS });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${text}: a whole number above 0 is needed`);
  return value;
}

import process from 'node:process';
import { parseArgs } from 'node:util';
import { createToRunning } from './rows/createToRunning.ts';
import { fairness } from './rows/fairness.ts';
import { firstAnswer } from './rows/firstAnswer.ts';
import { gateway } from './rows/gateway.ts';
import { getOne } from './rows/getOne.ts';
import { list } from './rows/list.ts';
import { pages } from './rows/pages.ts';
import { proxies } from './rows/proxies.ts';
import { streams } from './rows/streams.ts';
import { Child, endChildrenWithThisProcess } from './support/Child.ts';
import { Controller } from './support/Controller.ts';
import { AWS_LATENCY_MS, Cloud } from './support/cloud.ts';
import { type Row, rowTable } from './support/Row.ts';
import { machine, progress, writeReport } from './support/report.ts';
import type { Wish } from './support/seed.ts';

const help = `Measures the controller and what it is compared with, in one run on this machine.

  npm run bench -- [--only get,list,pages,create,first,streams,gateway,fairness,proxies] [--write] [--profile D]

  --only    these parts alone
  --write   the tables into docs/performance.md as well
  --profile D   a CPU profile of the controller under the loads of get, list and gateway into the folder D (an absolute path)
`;

const USERS = 200;
const WORKBENCHES_EACH = 50;
/** Most workbenches of a service are stopped at any one time. */
const RUNNING_EACH = 5;
/** Lists are read of so many users: a tenth of a second's worth of all AWS calls looks at their tasks. */
const LISTED_USERS = 10;
/** As many are polled at a time; what more of them cost is the scale run's matter. */
const POLLED = 100;

const parts = ['get', 'list', 'pages', 'create', 'first', 'streams', 'gateway', 'fairness', 'proxies'];
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    write: { type: 'boolean' },
    profile: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit();
}
const wanted = values.only?.split(',') ?? parts;
if (wanted.some((part) => !parts.includes(part))) throw new Error(`--only takes ${parts.join(', ')}`);

endChildrenWithThisProcess();
const rows: Row[] = [];
if (wanted.includes('create')) {
  progress('create → running');
  rows.push(...(await createToRunning()));
}
if (wanted.some((part) => !['create', 'gateway', 'fairness', 'proxies'].includes(part)))
  rows.unshift(...(await amongTenThousand()));
if (wanted.includes('gateway')) {
  progress('gateway');
  const table = `${machine()}\n\n${rowTable(await gateway(profiling()))}`;
  process.stdout.write(`${table}\n`);
  if (values.write) writeReport('gateway', table);
}
if (wanted.includes('fairness')) {
  progress('fairness');
  rows.push(...(await fairness()));
}
if (wanted.includes('proxies')) {
  progress('proxies');
  rows.push(...(await proxies()));
}

if (rows.length > 0) {
  const table = `${machine()}\n\n${rowTable(rows)}`;
  process.stdout.write(`${table}\n`);
  if (values.write) writeReport('bench', table);
}
process.exit();

function profiling(): readonly string[] {
  return values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
}

async function amongTenThousand(): Promise<readonly Row[]> {
  progress('making 10,000 workbenches');
  const cloud = await Cloud.start();
  const users = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  const wishes = users.flatMap((userId) =>
    Array.from({ length: WORKBENCHES_EACH }, (_, index): Wish => ({ userId, running: index < RUNNING_EACH })),
  );
  const seeded = await cloud.seeder.seed(wishes);
  await cloud.timing({ latencyMs: AWS_LATENCY_MS });
  const running = seeded.filter((_workbench, index) => wishes[index]?.running);
  const [some] = running;
  if (!some) throw new Error('nothing runs');

  const rows: Row[] = [];
  if (wanted.includes('get') || wanted.includes('list')) {
    const controller = await Controller.start(cloud, profiling());
    const load = new Child('processes/closedLoad.js');
    if (wanted.includes('get')) {
      progress('GET one');
      rows.push(...(await getOne(controller, load, running.slice(0, POLLED))));
    }
    if (wanted.includes('list')) {
      progress('lists');
      rows.push(...(await list(controller, load, users.slice(0, LISTED_USERS))));
    }
    await Promise.all([controller.end(), load.end()]);
  }
  if (wanted.includes('pages')) {
    progress('pages of all');
    rows.push(...(await pages(cloud, profiling())));
  }
  if (wanted.includes('first')) {
    progress('first answer');
    rows.push(...(await firstAnswer(cloud, some)));
  }
  if (wanted.includes('streams')) {
    progress('event streams');
    rows.push(...(await streams(cloud, running)));
  }
  await cloud.end();
  return rows;
}

import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Growth, growth, SETTLING_MINUTES } from './soak/growth.ts';
import { Lives } from './soak/Lives.ts';
import { endChildrenWithThisProcess } from './support/Child.ts';
import { Controller } from './support/Controller.ts';
import { Cloud } from './support/cloud.ts';
import type { Usage } from './support/ipc.ts';
import { markdownTable } from './support/Row.ts';
import { machine, progress } from './support/report.ts';

const help = `Workbenches live and die for hours; what the controller and the local cloud hold in memory must not grow with them.

  npm run bench:soak -- [--minutes 120] [--lives-per-minute 10] [--sample-seconds 60]

  --minutes           how long; the first ${SETTLING_MINUTES} are for settling, since ECS shows a task for an hour after its end
  --lives-per-minute  created, run, half of them stopped and started once more, destroyed with all data
  --sample-seconds    between two samples of heap (after a forced collection) and RSS
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '120' },
    'lives-per-minute': { type: 'string', default: '10' },
    'sample-seconds': { type: 'string', default: '60' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit();
}
const minutes = positive(values.minutes);
const perMinute = positive(values['lives-per-minute']);
const sampleMs = positive(values['sample-seconds']) * 1000;

type Sample = Readonly<{ minute: number; lives: number; controller: Usage; cloud: Usage }>;

endChildrenWithThisProcess();
const cloud = await Cloud.start('processes');
const controller = await Controller.start(cloud);
const parts = { controller: controller.child, cloud: cloud.child };
const lives = new Lives(controller, perMinute);
const samples: Sample[] = [];

progress(`${minutes} minutes with ${perMinute} lives a minute`);
process.stdout.write(`${machine()}\n\nminute  lives  controller: heap  RSS  CPU   local cloud: heap  RSS  CPU\n`);
const startedAt = performance.now();
lives.begin();
for (let due = sampleMs; due <= minutes * 60_000; due += sampleMs) {
  await delay(Math.max(0, startedAt + due - performance.now()));
  await sample();
}
await lives.end();
await sample();

const { ended, failures } = lives;
process.stdout.write(`\n${verdict()}\n\n${ended} lives, ${failures.length} failed\n`);
for (const failure of failures.slice(0, 20)) process.stdout.write(`  ${failure}\n`);
await controller.end();
await cloud.end();
process.exit(failures.length === 0 && results().every(({ flat }) => flat !== false) ? 0 : 1);

async function sample(): Promise<void> {
  // The second collection takes what the finalizers of the first have let go.
  for (const part of Object.values(parts)) await part.ask('collectGarbage');
  const [controllerUsage, cloudUsage] = [
    await parts.controller.ask<Usage>('collectGarbage'),
    await parts.cloud.ask<Usage>('collectGarbage'),
  ];
  const minute = (performance.now() - startedAt) / 60_000;
  const last: Sample = { minute, lives: lives.ended, controller: controllerUsage, cloud: cloudUsage };
  const before = samples.at(-1);
  samples.push(last);
  const figures = (part: 'controller' | 'cloud') => {
    const { heapBytes, rssBytes, cpuMs } = last[part];
    const spent = (cpuMs - (before?.[part].cpuMs ?? 0)) / 600 / (minute - (before?.minute ?? 0));
    return `${megabytes(heapBytes)}  ${megabytes(rssBytes)}  ${spent.toFixed(1)} %`;
  };
  const head = `${minute.toFixed(1).padStart(6)}  ${String(last.lives).padStart(5)}`;
  process.stdout.write(`${head}  ${figures('controller')}   ${figures('cloud')}\n`);
}

function results(): readonly Growth[] {
  return (['controller', 'cloud'] as const).map((part) =>
    growth(samples.map(({ minute, lives, ...usage }) => ({ minute, lives, bytes: usage[part].heapBytes }))),
  );
}

function verdict(): string {
  const names = ['controller', 'local cloud'];
  return markdownTable(
    [`heap after minute ${SETTLING_MINUTES}`, 'first 10 minutes', 'last 10 minutes', 'for each life', 'verdict'],
    results().map(({ first, last, bytesPerLife, flat }, index) => [
      names[index] ?? '',
      `${megabytes(first)} MB`,
      `${megabytes(last)} MB`,
      `${Math.round(bytesPerLife)} bytes`,
      flat === undefined ? 'too short to tell' : flat ? 'flat' : 'GROWS',
    ]),
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${text}: a whole number above 0 is needed`);
  return value;
}

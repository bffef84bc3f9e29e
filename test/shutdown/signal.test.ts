import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Build, buildController } from '../crash/buildController.ts';
import { eventually } from '../support/eventually.ts';
import { isSettled, lastingViolations, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController } from '../support/startController.ts';

let build: Build;
let world: WatchedCloud;

beforeAll(async () => {
  build = await buildController();
  world = await startWatchedCloud();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await build[Symbol.asyncDispose]();
});

async function startProcess(): Promise<Readonly<{ child: ChildProcess; port: number }>> {
  const child = spawn(process.execPath, ['--no-warnings', join(build.folder, 'main.js')], {
    env: {
      PATH: process.env['PATH'],
      WB_CLOUD: 'local',
      AWS_ENDPOINT_URL: world.cloud.url,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ready = await eventually(
    () => /"url":"http:\/\/[^:]+:(\d+)\/workbenches"/.exec(log)?.[1],
    (port) => port !== undefined,
  );
  return { child, port: Number(ready) };
}

type Answer = Readonly<{ user: string; status: number; id: string }>;

/** A create over a connection that is kept; its status is 0 where no answer came. */
function create(agent: Agent, port: number, user: string): Promise<Answer> {
  return new Promise((resolve) => {
    const path = `/workbenches?user_id=${user}`;
    const call = request({ agent, port, host: '127.0.0.1', method: 'POST', path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        const { item } = JSON.parse(text) as { item?: { workbench_id: string } };
        resolve({ user, status: response.statusCode ?? 0, id: item?.workbench_id ?? '' });
      });
      response.on('error', () => resolve({ user, status: 0, id: '' }));
    });
    call.on('error', () => resolve({ user, status: 0, id: '' }));
    call.end();
  });
}

test('SIGTERM under load: every accepted request is answered, the process ends, another finishes what was begun', async () => {
  world.cloud.changeTiming({ latencyMs: 30 });
  const { child, port } = await startProcess();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const exited = once(child, 'exit');
  let loading = true;
  const answers: Answer[] = [];
  const clients = Array.from({ length: 16 }, async (_, index) => {
    for (let count = 0; loading; count++) {
      const answer = await create(agent, port, `user-${index}-${count}`);
      answers.push(answer);
      if (answer.status === 0) return;
    }
  });
  await eventually(() => answers.filter(({ status }) => status === 201).length > 32, Boolean);

  const began = performance.now();
  child.kill('SIGTERM');
  const [code] = await exited;
  const took = performance.now() - began;
  loading = false;
  await Promise.all(clients);
  agent.destroy();

  expect(code).toBe(0);
  // One that the controller never read, as it closed the connection just then, has left no trace: it can be sent again.
  const begun = new Set(world.cloud.look().accessPoints.flatMap(({ tags }) => tags.map(({ Value }) => Value)));
  expect(answers.filter(({ user, status }) => status === 0 && begun.has(user))).toEqual([]);
  const made = answers.filter(({ status }) => status === 201);
  expect(made.length).toBeGreaterThan(16);
  expect(new Set(answers.map(({ status }) => status).filter((status) => ![0, 201, 503].includes(status)))).toEqual(
    new Set(),
  );

  const successor = await startController(world.cloud.url);
  await eventually(() => isSettled(world.cloud), Boolean);
  expect(await lastingViolations(world)).toEqual([]);
  const there = new Set(world.cloud.look().accessPoints.map(({ id }) => id.slice(5)));
  expect(made.filter(({ id }) => !there.has(id))).toEqual([]);
  await successor.close();
  process.stdout.write(
    `SIGTERM under load: ${made.length} creates answered, none dropped, ended in ${Math.round(took)} ms\n`,
  );
});

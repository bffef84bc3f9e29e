import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Build, buildController } from '../crash/buildController.ts';
import { eventually } from '../support/eventually.ts';
import { collectViolations, isSettled, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController } from '../support/startController.ts';

let build: Build;
let world: WatchedCloud;

beforeAll(async () => {
  build = await buildController();
  world = await startWatchedCloud();
}, 60_000);
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
    30_000,
  );
  return { child, port: Number(ready) };
}

type Answer = Readonly<{ status: number; id: string; accepted: boolean }>;

/** A create over a connection that is kept; `accepted`: its bytes were out before anything went wrong. */
function create(agent: Agent, port: number, user: string): Promise<Answer> {
  return new Promise((resolve) => {
    const path = `/workbenches?user_id=${user}`;
    let connected = false;
    const call = request({ agent, port, host: '127.0.0.1', method: 'POST', path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        const { item } = JSON.parse(text) as { item?: { workbench_id: string } };
        resolve({ status: response.statusCode ?? 0, id: item?.workbench_id ?? '', accepted: true });
      });
      response.on('error', () => resolve({ status: 0, id: '', accepted: true }));
    });
    call.on('socket', (socket) => {
      connected = !socket.connecting;
      socket.once('connect', () => {
        connected = true;
      });
    });
    // A client may open a connection anew, on another controller, where this one closed an idle one or takes no more.
    call.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: 0, id: '', accepted: connected && error.code !== 'ECONNREFUSED' && !call.reusedSocket }),
    );
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
    while (loading) {
      const answer = await create(agent, port, `user-${index}`);
      answers.push(answer);
      if (answer.status === 0) return;
    }
  });
  await delay(1_000);

  const began = performance.now();
  child.kill('SIGTERM');
  const [code] = await exited;
  const took = performance.now() - began;
  loading = false;
  await Promise.all(clients);
  agent.destroy();

  expect(code).toBe(0);
  expect(took).toBeLessThan(15_000);
  expect(answers.filter(({ status, accepted }) => status === 0 && accepted)).toEqual([]);
  const made = answers.filter(({ status }) => status === 201);
  expect(made.length).toBeGreaterThan(16);
  expect(new Set(answers.map(({ status }) => status).filter((status) => ![0, 201, 503].includes(status)))).toEqual(
    new Set(),
  );

  const successor = await startController(world.cloud.url);
  await eventually(() => isSettled(world.cloud), Boolean, 20_000);
  expect(await collectViolations(world)).toEqual([]);
  const there = new Set(world.cloud.look().accessPoints.map(({ id }) => id.slice(5)));
  expect(made.filter(({ id }) => !there.has(id))).toEqual([]);
  await successor.close();
  process.stdout.write(
    `SIGTERM under load: ${made.length} creates answered, none dropped, ended in ${Math.round(took)} ms\n`,
  );
}, 90_000);

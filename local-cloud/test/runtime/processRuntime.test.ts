import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import type { ContainerRuntime, ContainerSpec } from '../../src/runtime/ContainerRuntime.ts';
import { createProcessRuntime } from '../../src/runtime/createProcessRuntime.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/isAlive.ts';

let dir: string;
let runtime: ContainerRuntime;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'process-runtime-'));
  const workbenchScript = join(dir, "the workbench's server.cjs");
  await writeFile(workbenchScript, 'console.log("workbench", process.argv.slice(2).join())');
  runtime = createProcessRuntime({
    dir,
    logger: pino({ level: 'silent' }),
    nodePath: process.execPath,
    workbenchScript,
    mostLogs: 2,
  });
  await runtime.open();
});

afterEach(async () => {
  await runtime.close();
  await rm(dir, { recursive: true, force: true });
});

function spec(script: string, members: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    taskId: 'task-1',
    family: 'wb-1',
    name: 'workbench',
    image: 'busybox',
    entryPoint: ['/bin/sh', '-c'],
    command: [script],
    environment: {},
    mounts: [],
    user: undefined,
    containerPorts: [],
    cpu: 1024,
    memoryMiB: 2048,
    stopTimeoutSeconds: 30,
    healthCheck: undefined,
    ...members,
  };
}

async function output(taskSpec: ContainerSpec): Promise<string> {
  const container = await runtime.start(taskSpec);
  await container.exited;
  return log();
}

function log(): Promise<string> {
  return readFile(join(dir, 'tasks/task-1/log'), 'utf8');
}

async function pidsIn(text: () => Promise<string>, count: number): Promise<number[]> {
  const complete = await eventually(text, (lines) => lines.split('\n').length > count);
  return complete.trim().split('\n').map(Number);
}

async function allGone(pids: readonly number[]): Promise<void> {
  await eventually(
    () => Promise.all(pids.map(isAlive)),
    (alive) => !alive.includes(true),
  );
}

describe('a process', () => {
  test('gets its own environment and nothing of ours', async () => {
    process.env['SECRET_OF_THE_CONTROLLER'] = 'x';
    const text = await output(spec('env', { environment: { WORKBENCH_NAME: 'a b' } }));
    delete process.env['SECRET_OF_THE_CONTROLLER'];
    const names = text.split('\n').map((line) => line.split('=')[0]);
    expect(text).toContain('WORKBENCH_NAME=a b');
    expect(text).toContain(`HOME=${join(dir, 'tasks/task-1')}`);
    const allowed = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'HOST', 'WORKBENCH_NAME', 'PWD', 'OLDPWD', 'SHLVL', '_', ''];
    expect(names.filter((name) => !allowed.includes(name ?? ''))).toEqual([]);
  });

  test('finds its mount and its workspace below its own root', async () => {
    const source = join(dir, 'files');
    await mkdir(source);
    const mounts = [{ source, containerPath: '/efs', readOnly: false }];
    const environment = { WORKBENCH_STORAGE: '/efs', WORKSPACE_PATH: '/home/project', OTHER: '/efsx' };
    const script =
      'ln -sfn "$WORKBENCH_STORAGE" "$WORKSPACE_PATH" && cd "$WORKSPACE_PATH" && echo hi > file; echo $OTHER';
    expect(await output(spec(script, { mounts, environment }))).toBe('/efsx\n');
    expect(await readFile(join(source, 'file'), 'utf8')).toBe('hi\n');
  });

  test('listens where it is told: PORT is the host port, on loopback', async () => {
    const container = await runtime.start(
      spec('echo $PORT $HOST', { containerPorts: [3000, 3001], environment: { PORT: '3000' } }),
    );
    await container.exited;
    expect(container.ports.map(({ containerPort }) => containerPort)).toEqual([3000, 3001]);
    expect(await log()).toBe(`${container.ports[0]?.hostPort} 127.0.0.1\n`);
  });

  test('starts the default workbench for the image script, as a whole path only', async () => {
    expect(await output(spec('echo /x/app.sh /app.shell; exec /app.sh one'))).toBe(
      '/x/app.sh /app.shell\nworkbench one\n',
    );
  });

  test.each([
    ['exit 3', 3],
    ['kill -9 $$', 137],
    ['kill -TERM $$', 143],
    ['exec /no/such/program', 127],
  ])('that ends by %s has exit code %i', async (script, exitCode) => {
    const container = await runtime.start(spec(script));
    expect(await container.exited).toEqual({ exitCode, reason: undefined });
  });

  test('leaves only its log behind, and its files on the mount', async () => {
    const source = join(dir, 'files');
    await mkdir(source);
    await writeFile(join(source, 'kept'), '');
    await output(spec('touch ~/gone', { mounts: [{ source, containerPath: '/efs', readOnly: false }] }));
    await eventually(
      () => readdir(join(dir, 'tasks/task-1')),
      (entries) => entries.length === 1,
    );
    expect(await readdir(join(dir, 'tasks/task-1'))).toEqual(['log']);
    expect(await readdir(source)).toEqual(['kept']);
  });

  test('that ends takes along whatever it started', async () => {
    const text = await output(spec('sleep 1000 & echo $!'));
    await allGone([Number(text)]);
  });
});

describe('stopping', () => {
  test('lets a process end in its own way', async () => {
    const container = await runtime.start(
      spec('trap "echo bye; exit 4" TERM; echo ready; while :; do sleep 0.05; done'),
    );
    await eventually(log, (text) => text.includes('ready'));
    await container.stop();
    expect(await container.exited).toEqual({ exitCode: 4, reason: undefined });
    expect(await log()).toContain('bye');
  });

  test('kills what ignores SIGTERM once the stop timeout is over', async () => {
    const script = 'trap "" TERM; sleep 1000 & echo $!; echo $$; while :; do sleep 1; done';
    const container = await runtime.start(spec(script, { stopTimeoutSeconds: 0.1 }));
    const pids = await pidsIn(log, 2);
    await container.stop();
    expect(await container.exited).toEqual({ exitCode: 137, reason: undefined });
    await allGone(pids);
  });

  test('the runtime ends every process', async () => {
    const containers = await Promise.all(
      ['one', 'two'].map((taskId) => runtime.start(spec('exec sleep 1000', { taskId }))),
    );
    await runtime.close();
    const exits = await Promise.all(containers.map(({ exited }) => exited));
    expect(exits.map(({ exitCode }) => exitCode)).toEqual([143, 143]);
  });
});

describe('health', () => {
  test.each([
    ['HEALTHY', 'true'],
    ['UNHEALTHY', 'false'],
  ])('is %s when the command is %s', async (status, command) => {
    const healthCheck = {
      command: ['CMD-SHELL', command],
      intervalSeconds: 0.05,
      timeoutSeconds: 300,
      retries: 2,
      startPeriodSeconds: 0,
    };
    const container = await runtime.start(spec('exec sleep 1000', { healthCheck }));
    await eventually(
      () => container.health(),
      (health) => health === status,
    );
  });

  test('is UNKNOWN without a check', async () => {
    const container = await runtime.start(spec('exec sleep 1000'));
    expect(container.health()).toBe('UNKNOWN');
  });
});

describe('opening', () => {
  test('clears what an earlier run left, without following links', async () => {
    const source = join(dir, 'files');
    await mkdir(source);
    await writeFile(join(source, 'kept'), '');
    await mkdir(join(dir, 'tasks/old/root'), { recursive: true });
    await symlink(source, join(dir, 'tasks/old/root/efs'));
    await runtime.open();
    expect(await readdir(join(dir, 'tasks'))).toEqual([]);
    expect(await readdir(source)).toEqual(['kept']);
  });
});

test('the logs of the tasks that ended last are kept, and no others', async () => {
  for (const taskId of ['task-1', 'task-2', 'task-3', 'task-4']) {
    await (await runtime.start(spec('true', { taskId }))).exited;
  }
  await runtime.close();

  expect((await readdir(join(dir, 'tasks'))).sort()).toEqual(['task-3', 'task-4']);
});

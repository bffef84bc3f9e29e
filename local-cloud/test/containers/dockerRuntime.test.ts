import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { type ContainerRuntime, type ContainerSpec, ContainerStartError } from '../../src/runtime/ContainerRuntime.ts';
import { createDockerRuntime } from '../../src/runtime/createDockerRuntime.ts';
import { eventually } from '../support/eventually.ts';
import { busyboxImage, containersOf, docker, runInside } from './engine.ts';

let dir: string;
let runtime: ContainerRuntime;
let log: string[];
let tasks: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'docker-runtime-'));
  log = [];
  tasks = 0;
  runtime = openRuntime(join(dir, 'one'));
  await runtime.open();
});

afterEach(async () => {
  await runtime.close();
  await rm(dir, { recursive: true, force: true });
});

function openRuntime(folder: string): ContainerRuntime {
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(line) });
  return createDockerRuntime({ dir: folder, logger, progressEveryMs: 50 });
}

function spec(script: string, members: Partial<ContainerSpec> = {}): ContainerSpec {
  tasks += 1;
  return {
    taskId: `${Date.now().toString(16)}${process.pid}${tasks}`,
    family: 'wb-1',
    name: 'workbench',
    image: busyboxImage,
    entryPoint: ['sh', '-c'],
    command: [script],
    environment: {},
    mounts: [],
    user: { uid: 1000, gid: 1000 },
    containerPorts: [],
    cpu: 256,
    memoryMiB: 64,
    stopTimeoutSeconds: 30,
    healthCheck: undefined,
    ...members,
  };
}

async function run(taskSpec: ContainerSpec) {
  await runtime.prepare(taskSpec);
  return await runtime.start(taskSpec);
}

/** What the container wrote, once it has ended and its log has been kept. */
async function outputOf(taskSpec: ContainerSpec): Promise<string> {
  await (await run(taskSpec)).exited;
  return await readFile(join(dir, 'one/tasks', taskSpec.taskId, 'log'), 'utf8');
}

async function mount(name: string) {
  const source = join(dir, name);
  await mkdir(source, { mode: 0o750 });
  return { source, containerPath: '/efs', readOnly: false };
}

describe('a container', () => {
  test('runs its entry point and command, with its environment, as the POSIX user', async () => {
    const environment = { WORKBENCH_NAME: `a 'b' "c" $d`, PORT: '3000' };
    const text = await outputOf(
      spec('id -u; id -g; echo "$WORKBENCH_NAME $PORT"', { environment, user: { uid: 1234, gid: 100 } }),
    );
    expect(text).toBe(`1234\n100\na 'b' "c" $d 3000\n`);
  });

  test('passes on what it prints while it runs, each output by itself, all of it when it has ended', async () => {
    const printed = { stdout: '', stderr: '' };
    const collect = (name: 'stdout' | 'stderr') =>
      new PassThrough().on('data', (chunk) => {
        printed[name] += String(chunk);
      });
    const output = { stdout: collect('stdout'), stderr: collect('stderr') };
    const folder = await mount('files');
    const script = 'echo begun; until [ -e /efs/go ]; do sleep 0.1; done; echo wrong >&2; seq 5000';
    const container = await run(spec(script, { log: output, mounts: [folder] }));
    await eventually(
      () => printed.stdout,
      (text) => text === 'begun\n',
    );
    await writeFile(join(folder.source, 'go'), '');
    await container.exited;
    await Promise.all([output.stdout, output.stderr].map((one) => finished(one.end())));
    expect(printed.stdout.split('\n').length).toBe(5002);
    expect(printed.stderr).toBe('wrong\n');
  });

  test('writes what it mounts, as files of the POSIX user in a folder of that user', async () => {
    const folder = await mount('files');
    await outputOf(spec('echo hello > /efs/greeting', { mounts: [folder], user: { uid: 1234, gid: 100 } }));
    expect(await readFile(join(folder.source, 'greeting'), 'utf8')).toBe('hello\n');
    const owners = [await stat(folder.source), await stat(join(folder.source, 'greeting'))];
    expect(owners.map(({ uid, gid }) => [uid, gid])).toEqual([
      [1234, 100],
      [1234, 100],
    ]);
  });

  test('cannot write to what is mounted read-only', async () => {
    const folder = { ...(await mount('files')), readOnly: true };
    const text = await outputOf(spec('echo x > /efs/x || echo refused', { mounts: [folder] }));
    expect(text).toContain('Read-only');
    expect(text).toContain('refused');
  });

  test('has the processor and the memory of its task and no swap', async () => {
    const container = await run(spec('exec sleep 600', { cpu: 512, memoryMiB: 96 }));
    const { HostConfig } = await docker.getContainer(container.runtimeId).inspect();
    expect(HostConfig).toMatchObject({ NanoCpus: 5e8, Memory: 96 * 2 ** 20, MemorySwap: 96 * 2 ** 20 });
  });

  test('starts where the host has fewer processors than the task asks for', async () => {
    const container = await run(spec('exit 0', { cpu: 1024 * 1024 }));
    expect((await container.exited).exitCode).toBe(0);
  });

  test('is reached by a port of its own on loopback and nowhere else', async () => {
    const listening = 'mkdir /tmp/www; echo hi > /tmp/www/index.html; exec httpd -f -p 3000 -h /tmp/www';
    const container = await run(spec(listening, { containerPorts: [3000] }));
    const [binding] = container.ports;
    expect(binding).toMatchObject({ containerPort: 3000, hostPort: expect.any(Number) });
    const answer = await eventually(
      () =>
        fetch(`http://127.0.0.1:${binding?.hostPort}/`).then(
          (response) => response.text(),
          () => '',
        ),
      (text) => text !== '',
    );
    expect(answer).toBe('hi\n');
    const { NetworkSettings } = await docker.getContainer(container.runtimeId).inspect();
    expect(NetworkSettings.Ports['3000/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: String(binding?.hostPort) }]);
  });

  test('that ends by itself tells its exit code, leaves its log and nothing else', async () => {
    const taskSpec = spec('echo going; exit 7');
    const container = await run(taskSpec);
    expect(await container.exited).toEqual({ exitCode: 7, reason: undefined });
    expect(await containersOf(dir)).toEqual([]);
    expect(await readFile(join(dir, 'one/tasks', taskSpec.taskId, 'log'), 'utf8')).toBe('going\n');
  });

  test('that needs more memory than it has is killed, in the words of ECS', async () => {
    const container = await run(spec('exec tail /dev/zero'));
    expect(await container.exited).toEqual({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    });
  });

  test('that somebody removes is a container that has ended', async () => {
    const container = await run(spec('exec sleep 600'));
    await docker.getContainer(container.runtimeId).remove({ force: true });
    expect((await container.exited).exitCode === undefined || (await container.exited).exitCode === 137).toBe(true);
  });

  test('that cannot be started says so in the words of ECS and leaves nothing', async () => {
    const wrong = spec('', { entryPoint: ['/no/such/program'] });
    await expect(run(wrong)).rejects.toThrow(/^CannotStartContainerError: .*no\/such\/program/s);
    expect(await containersOf(dir)).toEqual([]);
  });
});

describe('an image', () => {
  test('that cannot be pulled is refused in the words of ECS', async () => {
    const missing = spec('exit 0', { image: '127.0.0.1:1/no/such/image:1' });
    const refusal = runtime.prepare(missing);
    await expect(refusal).rejects.toBeInstanceOf(ContainerStartError);
    await expect(refusal).rejects.toThrow(/^CannotPullContainerError: .*127\.0\.0\.1:1/);
  });

  test('of a changing tag that cannot be pulled serves as it is', async () => {
    const image = '127.0.0.1:1/local/image:latest';
    await docker.getImage(busyboxImage).tag({ repo: '127.0.0.1:1/local/image', tag: 'latest' });
    try {
      await runtime.prepare(spec('exit 0', { image }));
    } finally {
      await docker.getImage(image).remove();
    }
    expect(log.join('')).toContain('the one that is there serves');
  });
});

describe('stopping', () => {
  test('asks first: who handles SIGTERM ends by itself', async () => {
    const container = await run(spec('trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'));
    await eventually(
      async () => (await docker.getContainer(container.runtimeId).logs({ stdout: true })).toString(),
      (text) => text.includes('ready'),
    );
    await container.stop();
    expect(await container.exited).toEqual({ exitCode: 3, reason: undefined });
  });

  test('kills who ignores SIGTERM, after the stop timeout, and does not call that a lack of memory', async () => {
    const container = await run(spec('trap "" TERM; while :; do sleep 1; done', { stopTimeoutSeconds: 2 }));
    const startedAt = performance.now();
    await container.stop();
    expect(await container.exited).toEqual({ exitCode: 137, reason: undefined });
    expect(performance.now() - startedAt).toBeGreaterThan(1_900);
  });

  test('the whole runtime is quicker than a stop timeout and leaves no container', async () => {
    const stubborn = await run(spec('trap "" TERM; while :; do sleep 1; done', { stopTimeoutSeconds: 600 }));
    const stopping = stubborn.stop();
    const startedAt = performance.now();
    await runtime.close();
    await stopping;
    expect(performance.now() - startedAt).toBeLessThan(600_000);
    expect(await containersOf(dir)).toEqual([]);
  });
});

describe('a health check', () => {
  const healthCheck = {
    command: ['CMD-SHELL', 'test -e /tmp/well'],
    intervalSeconds: 0.1,
    timeoutSeconds: 300,
    retries: 2,
    startPeriodSeconds: 0,
  };

  test('runs in the container and decides on its health', async () => {
    const container = await run(spec('touch /tmp/well; exec sleep 600', { healthCheck }));
    await eventually(
      async () => container.health(),
      (health) => health === 'HEALTHY',
    );
    await runInside(container.runtimeId, 'rm /tmp/well');
    await eventually(
      async () => container.health(),
      (health) => health === 'UNHEALTHY',
    );
  });

  test('that takes too long has failed', async () => {
    const slow = { ...healthCheck, command: ['CMD', 'sleep', '60'], timeoutSeconds: 0.2 };
    const container = await run(spec('exec sleep 600', { healthCheck: slow }));
    await eventually(
      async () => container.health(),
      (health) => health === 'UNHEALTHY',
    );
  });
});

describe('what a killed run left behind', () => {
  test('is removed when its folder is opened again, and another folder’s stays', async () => {
    const other = openRuntime(join(dir, 'other'));
    await other.open();
    const left = await run(spec('exec sleep 600'));
    const neighbour = await other.start(spec('exec sleep 600'));
    const next = openRuntime(join(dir, 'one'));
    await next.open();
    expect((await containersOf(dir)).map(({ Id }) => Id)).toEqual([neighbour.runtimeId]);
    expect((await left.exited).exitCode ?? 137).toBe(137);
    expect(log.join('')).toContain('removed what a killed run left behind');
    await other.close();
  });

  test('includes the logs of its tasks', async () => {
    await mkdir(join(dir, 'one/tasks/old'), { recursive: true });
    await writeFile(join(dir, 'one/tasks/old/log'), 'old');
    await openRuntime(join(dir, 'one')).open();
    await expect(stat(join(dir, 'one/tasks/old'))).rejects.toThrow('ENOENT');
  });
});

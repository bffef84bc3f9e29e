import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Container, ImageInspectInfo } from 'dockerode';
import { docker, runInside } from '../../local-cloud/test/containers/engine.ts';
import { eventually } from '../support/eventually.ts';
import { repository } from './startServer.ts';

const repo = 'localhost/workbench-controller-of-the-suite';
const image = `${repo}:suite`;
/** What the image is made in: the local cloud is there, as the controller's image is without it. */
const cloudImage = `${repo}:suite-build`;
const cloudPort = 4510;
const canary = 'canary-4711-0815';
const key = 'key-of-the-suite';
const megabyte = 1e6;

let folder: string;
let inspected: ImageInspectInfo;
const started: Container[] = [];

/** The tree as it would be checked out, with what must not get into the image lying about in it. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'image-of-the-suite-'));
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
  });
  for (const file of listing.toString().split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(repository, file), join(folder, file));
  }
  mkdirSync(join(folder, 'src/.workbenches'));
  for (const file of ['.env', 'src/.env.local', 'src/.workbenches/file', 'src/debug.log']) {
    writeFileSync(join(folder, file), canary);
  }
  const { TEST_NODE_IMAGE: base } = process.env;
  execFileSync('./build.sh', ['suite'], {
    cwd: folder,
    env: { ...process.env, REPO: repo, ...(base ? { NODE_IMAGE: base } : {}), GIT_CEILING_DIRECTORIES: tmpdir() },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  inspected = await docker.getImage(image).inspect();
  const { CONTAINER_CLI: cli = 'docker' } = process.env;
  const target = [
    'build',
    '--target',
    'build',
    '--tag',
    cloudImage,
    ...(base ? ['--build-arg', `NODE_IMAGE=${base}`] : []),
  ];
  execFileSync(cli, [...target, '.'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}, 600_000);

afterEach(async () => {
  // The controller first: it is in the network of the other.
  for (const container of started.splice(0).reverse()) await container.remove({ force: true, v: true });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const tag of ['suite', 'latest', 'suite-build']) await docker.getImage(`${repo}:${tag}`).remove({ force: true });
});

/** A local cloud in a container of its own; the port of the controller beside it is published. */
async function startCloud(): Promise<Container> {
  const cloud = await docker.createContainer({
    Image: cloudImage,
    Cmd: ['node', 'local-cloud/dist/main.js', '--port', String(cloudPort), '--dir', '/tmp/cloud'],
    ExposedPorts: { '8999/tcp': {} },
    HostConfig: { PortBindings: { '8999/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
  });
  started.push(cloud);
  await cloud.start();
  return cloud;
}

/** As hardened as docs/deploying.md says it may be. */
async function startController(network: string, environment: readonly string[]): Promise<Container> {
  const controller = await docker.createContainer({
    Image: image,
    Env: [...environment],
    HostConfig: {
      NetworkMode: network,
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': 'rw' },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
    },
  });
  started.push(controller);
  await controller.start();
  return controller;
}

/** Both, in one network: the tasks that the controller's gateway has to reach are processes on the cloud's loopback. */
async function start() {
  const cloud = await startCloud();
  const container = await startController(`container:${cloud.id}`, [
    `RESTAPI_AUTH_STATIC_KEY=${key}`,
    `AWS_ENDPOINT_URL=http://127.0.0.1:${cloudPort}`,
    'AWS_REGION=us-east-1',
    'AWS_ACCESS_KEY_ID=local',
    'AWS_SECRET_ACCESS_KEY=local',
    'ECS_CLUSTER=default',
    'ECS_SUBNETS=subnet-0123456789abcdef0',
    'EFS_FILE_SYSTEM_ID=fs-0123456789abcdef0',
    'WB_GATEWAY=builtin',
    `WB_SESSION_KEYS=${'k'.repeat(32)}`,
  ]);
  const { NetworkSettings } = await cloud.inspect();
  const url = `http://127.0.0.1:${NetworkSettings.Ports['8999/tcp']?.[0]?.HostPort}`;
  const ready = (): Promise<number> =>
    fetch(`${url}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );
  await eventually(ready, (status) => status === 200);
  return { container, url };
}

async function call(url: string, method: string, path: string): Promise<Response> {
  return await fetch(`${url}${path}?user_id=ada`, { method, headers: { authorization: `Bearer ${key}` } });
}

describe('the image', () => {
  test('serves on a read-only root, without privileges and not as root', async () => {
    const { container, url } = await start();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/docs/swagger-ui-bundle.js`)).status).toBe(200);
    expect((await fetch(`${url}/workbenches?user_id=ada`)).status).toBe(401);
    const created = await call(url, 'POST', '/workbenches');
    expect(created.status).toBe(201);
    const { item } = (await created.json()) as { item: { workbench_id: string } };
    await eventually(
      async () => await (await call(url, 'GET', `/workbenches/${item.workbench_id}`)).text(),
      (answer) => answer.includes('"status":"running"'),
    );
    expect(await runInside(container.id, 'id -u; touch /app/x 2>/dev/null || echo read-only')).toBe('1000\nread-only');
  });

  test('stops on SIGTERM, cleanly, with a workbench running', async () => {
    const { container, url } = await start();
    await call(url, 'POST', '/workbenches');
    await container.kill({ signal: 'SIGTERM' });
    const { StatusCode } = await container.wait();
    expect(StatusCode).toBe(0);
  });

  test('has no local cloud: to embed one ends with one line that says what to do', async () => {
    const container = await startController('none', [`RESTAPI_AUTH_STATIC_KEY=${key}`]);
    const { StatusCode } = await container.wait();
    const log = await container.logs({ stdout: true, stderr: true });

    expect(StatusCode).toBe(1);
    // Each piece of the log has a header of eight bytes.
    expect(log.subarray(8).toString()).toMatch(
      /^The controller cannot start: The local cloud is not part of this installation\. .*AWS_ENDPOINT_URL.*\n$/,
    );
  });

  test('has a health check that tells a serving controller from one that does not serve', async () => {
    const { container } = await start();
    const [kind, ...command] = (await container.inspect()).Config.Healthcheck?.Test ?? [];
    expect(kind).toBe('CMD');
    const check = async (environment: string[]): Promise<number | null> => {
      const exec = await container.exec({ Cmd: command, Env: environment, AttachStdout: true, AttachStderr: true });
      const output = await exec.start({});
      for await (const _chunk of output);
      return (await exec.inspect()).ExitCode;
    };
    expect(await check([])).toBe(0);
    expect(await check(['PORT=1'])).toBe(1);
  });

  test('adds less than 60 MB to its base', async () => {
    const base = process.env['TEST_NODE_IMAGE'] ?? /^ARG NODE_IMAGE=(.*)$/m.exec(dockerfile())?.[1] ?? '';
    const added = inspected.Size - (await docker.getImage(base).inspect()).Size;
    expect(added / megabyte).toBeGreaterThan(1);
    expect(added / megabyte).toBeLessThan(60);
  });

  test('holds no build tools, no sources and no tests', async () => {
    const { container } = await start();
    const tools = 'npm npx yarn corepack pnpm gcc cc make python3 git tsc jest biome';
    const found = await runInside(
      container.id,
      `for tool in ${tools}; do command -v $tool; done; cd /app && ls -1A && ls -d node_modules/@workbench node_modules/dockerode node_modules/typescript node_modules/jest node_modules/@swc/core node_modules/@biomejs/biome 2>/dev/null`,
    );
    expect(found.split('\n').sort()).toEqual(['dist', 'node_modules', 'package.json']);
  });

  test('holds no secrets: nothing that lay about when it was built, and none in its settings', async () => {
    const { container } = await start();
    expect(
      await runInside(
        container.id,
        `grep -rl ${canary.replace('4711', '[4]711')} /app /home /tmp /root 2>/dev/null; echo done`,
      ),
    ).toBe('done');
    const settings = JSON.stringify([
      inspected.Config.Env,
      inspected.Config.Labels,
      await docker.getImage(image).history(),
    ]);
    expect(settings).not.toMatch(/password|secret|token|AKIA|canary/i);
  });

  test('says what it is', () => {
    expect(inspected.Config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'workbench-controller',
      'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+/),
      'org.opencontainers.image.revision': expect.any(String),
    });
    expect(inspected.Config.User).toBe('1000:1000');
  });
});

function dockerfile(): string {
  return readFileSync(join(repository, 'Dockerfile'), 'utf8');
}

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { World } from './standIns.ts';

const name = 'workbench-controller';
let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

/** What changes something on the host, without the queries. */
const changes = () =>
  world
    .calls('docker')
    .filter((call) => !/^docker (inspect|logs|login)/.test(call))
    .map((call) => call.split(' --restart')[0]);

function lockedBy(pid: number): void {
  mkdirSync(join(world.host, `.deploy-${name}.lock`));
  writeFileSync(join(world.host, `.deploy-${name}.lock`, 'pid'), `${pid}\n`);
}

/** The id of a process that has ended. */
function endedProcess(): Promise<number> {
  const child = spawn('true');
  return new Promise((resolve) => child.on('close', () => resolve(child.pid ?? 0)));
}

describe('deploy.sh', () => {
  test('with an old one serving, tries the new one beside it, switches, and removes the old one last', async () => {
    world.container(name, 'v1', 8999, true);
    const result = await world.deploy('v2');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(changes()).toEqual([
      'docker pull 5.dkr.ecr.eu-west-1.amazonaws.com/wb:v2',
      `docker run --detach --name ${name}-next`,
      `docker stop ${name}-next`,
      `docker rm ${name}-next`,
      `docker stop ${name}`,
      `docker rename ${name} ${name}-previous`,
      `docker run --detach --name ${name}`,
      `docker rm ${name}-previous`,
    ]);
    expect(world.calls('curl').map((call) => call.split(' ').at(-1))).toEqual([
      'http://127.0.0.1:8998/readyz',
      'http://127.0.0.1:8999/readyz',
    ]);
    expect(world.containers()).toEqual([`${name} v2 8999 running`]);
    expect(world.has(`host folder/.deploy-${name}.lock`)).toBe(false);
  });

  test('the container is confined, restarts by itself, and takes its environment from the .env on the host', async () => {
    await world.deploy('v2');
    expect(world.calls('docker run').at(-1)).toBe(
      `docker run --detach --name ${name} --restart unless-stopped --publish 127.0.0.1:8999:8999 --env PORT=8999 ` +
        '--env-file .env --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges ' +
        '--log-driver json-file --log-opt max-size=10m --log-opt max-file=3 5.dkr.ecr.eu-west-1.amazonaws.com/wb:v2',
    );
  });

  test('the first deployment, with nothing there yet, ends with the new one serving', async () => {
    expect(await world.deploy('v1')).toMatchObject({ code: 0 });
    expect(world.containers()).toEqual([`${name} v1 8999 running`]);
  });

  test('ssh gets a fixed command and the user and host; the values travel on stdin', async () => {
    await world.deploy('v1', { DEPLOY_USER: 'operator' });
    expect(world.calls('ssh')).toEqual(['ssh -T -- operator@host.example.com bash -s']);
  });

  test("the host logs in to ECR in the registry's region, and no secret is printed or passed as an argument", async () => {
    const result = await world.deploy('v1');
    expect(world.calls('aws')).toEqual(['aws ecr get-login-password --region eu-west-1']);
    expect(world.calls('docker login')).toEqual([
      'docker login --username AWS --password-stdin 5.dkr.ecr.eu-west-1.amazonaws.com',
    ]);
    const seen = result.stdout + result.stderr + world.calls().join('\n');
    expect(seen).not.toContain('the-ecr-password');
    expect(seen).not.toContain('the-static-key');
  });

  test('a registry other than ECR needs no AWS', async () => {
    expect(await world.deploy('v1', { REPO: 'localhost:5000/wb' })).toMatchObject({ code: 0 });
    expect(world.calls('aws')).toEqual([]);
    expect(world.calls('docker login')).toEqual([]);
  });

  describe('when the new one does not become ready', () => {
    beforeEach(() => world.container(name, 'v1', 8999, true));

    test('in its trial, the old one is never touched, and the script says why and exits 1', async () => {
      world.put('answers/v2', '{"success":false,"error":{"code":"EcsUnreachable"}}\n503');
      const result = await world.deploy('v2');
      expect(result.code).toBe(1);
      expect(result.stdout).toContain('answered 503: {"success":false,"error":{"code":"EcsUnreachable"}}');
      expect(result.stdout).toContain('log of 5.dkr.ecr.eu-west-1.amazonaws.com/wb:v2');
      expect(changes()).not.toContain(`docker stop ${name}`);
      expect(world.containers()).toEqual([`${name} v1 8999 running`]);
      expect(world.has(`host folder/.deploy-${name}.lock`)).toBe(false);
    });

    test('since it exits at once, the script does not wait for the timeout', async () => {
      world.put('exits/v2');
      const result = await world.deploy('v2', { READY_TIMEOUT: '600' });
      expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining(`${name}-next has exited`) });
      expect(world.containers()).toEqual([`${name} v1 8999 running`]);
    });

    test('only after the switch, the old one is put back and serves', async () => {
      world.put('answers/v2-8999', 'broken\n500');
      const result = await world.deploy('v2');
      expect(result.code).toBe(1);
      expect(result.stdout).toContain('http://127.0.0.1:8999/readyz answered 500: broken');
      expect(result.stdout).toContain('the old one serves again');
      expect(world.containers()).toEqual([`${name} v1 8999 running`]);
    });

    test('and the old one does not either, the script says so loudly', async () => {
      world.put('answers/v2-8999', 'broken\n500');
      world.put('answers/v1', 'broken too\n500');
      const result = await world.deploy('v2');
      expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining('NOT READY EITHER') });
      expect(world.containers()).toEqual([`${name} v1 8999 running`]);
    });
  });

  test('a new one that is ready only after a while is waited for', async () => {
    world.put('answers/v1', 'not yet\n503');
    const deploying = world.deploy('v1', { READY_TIMEOUT: '600' });
    await eventually(() => world.calls('curl').length >= 3, Boolean);
    world.put('answers/v1', 'ready\n200');
    expect(await deploying).toMatchObject({ code: 0 });
  });

  test.each(['stop', 'rename'])('when %s is refused in the switch, the old one serves as before', async (command) => {
    world.container(name, 'v1', 8999, true);
    const deploying = world.deploy('v2');
    // Refuse it only once the trial is over: the trial uses `stop` as well.
    if (command === 'stop') while (!world.calls(`docker stop ${name}-next`).length) await new Promise(setImmediate);
    world.put(`fails/${command}`);
    expect((await deploying).code).toBe(1);
    expect(world.containers()).toContain(`${name} v1 8999 running`);
  });

  test('when the pull fails, nothing on the host changes', async () => {
    world.container(name, 'v1', 8999, true);
    world.put('fails/pull');
    expect(await world.deploy('v2')).toMatchObject({ code: 1, stderr: expect.stringContaining('pull refused') });
    expect(world.containers()).toEqual([`${name} v1 8999 running`]);
  });

  test('a first deployment that never becomes ready leaves nothing behind', async () => {
    world.put('answers/v1-8999', 'broken\n500');
    expect(await world.deploy('v1')).toMatchObject({ code: 1 });
    expect(world.containers()).toEqual([]);
  });

  test('a controller without keys, which nobody outside its container reaches, is explained', async () => {
    world.put('answers/v1', '\n000');
    expect((await world.deploy('v1')).stdout).toContain('without RESTAPI_AUTH_STATIC_KEY');
  });

  test('while another deploy is under way, the second is refused and touches nothing', async () => {
    world.container(name, 'v1', 8999, true);
    lockedBy(process.pid);
    const result = await world.deploy('v2');
    expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining('another deploy is under way') });
    expect(world.calls('docker')).toEqual([]);
    expect(world.has(`host folder/.deploy-${name}.lock/pid`)).toBe(true);
  });

  describe('after a deploy that was cut off', () => {
    beforeEach(async () => lockedBy(await endedProcess()));

    test('in its trial, the left-over trial is removed', async () => {
      world.container(name, 'v1', 8999, true);
      world.container(`${name}-next`, 'v2', 8998, true);
      expect(await world.deploy('v3')).toMatchObject({ code: 0 });
      expect(world.containers()).toEqual([`${name} v3 8999 running`]);
    });

    test('after it had set the old one aside, the old one serves first, and again if the new one fails', async () => {
      world.container(`${name}-previous`, 'v1', 8999, false);
      world.put('answers/v3', 'broken\n500');
      expect(await world.deploy('v3')).toMatchObject({ code: 1 });
      expect(world.containers()).toEqual([`${name} v1 8999 running`]);
    });

    test('after it had started a new one that is not ready, the old one takes its place', async () => {
      world.container(`${name}-previous`, 'v1', 8999, false);
      world.container(name, 'v2', 8999, true);
      world.put('answers/v2', 'broken\n500');
      world.put('answers/v3', 'broken\n500');
      expect(await world.deploy('v3')).toMatchObject({ code: 1 });
      expect(world.containers()).toEqual([`${name} v1 8999 running`]);
    });

    test('just before it would have removed the old one, the ready new one stays', async () => {
      world.container(`${name}-previous`, 'v1', 8999, false);
      world.container(name, 'v2', 8999, true);
      world.put('answers/v3', 'broken\n500');
      expect(await world.deploy('v3')).toMatchObject({ code: 1 });
      expect(world.containers()).toEqual([`${name} v2 8999 running`]);
    });

    test('when it had only stopped the old one, the old one is started', async () => {
      world.container(name, 'v1', 8999, false);
      world.put('answers/v3', 'broken\n500');
      expect(await world.deploy('v3')).toMatchObject({ code: 1 });
      expect(world.containers()).toEqual([`${name} v1 8999 running`]);
    });
  });

  test('without a .env on the host, nothing is started', async () => {
    const result = await world.deploy('v1', { DEPLOY_DIR: world.repository });
    expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining('no readable') });
    expect(world.calls('docker')).toEqual([]);
  });

  test('a folder with quotes and commands in its name is a name and nothing else', async () => {
    const folder = join(world.host, `it's $(touch ${world.folder}/gotcha); touch gotcha`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '.env'), '');
    expect(await world.deploy('v1', { DEPLOY_DIR: folder })).toMatchObject({ code: 0 });
    expect(world.has('gotcha')).toBe(false);
  });

  test.each([
    ['TAG', 'v1; touch x', {}],
    ['TAG', '$(touch x)', {}],
    ['DEPLOY_HOST', 'v1', { DEPLOY_HOST: '-oProxyCommand=x' }],
    ['DEPLOY_USER', 'v1', { DEPLOY_USER: 'a b' }],
    ['DEPLOY_PUBLISH', 'v1', { DEPLOY_PUBLISH: '8999' }],
    ['PORT_CHECK', 'v1', { PORT_CHECK: '8999' }],
    ['READY_TIMEOUT', 'v1', { READY_TIMEOUT: 'a[$(touch x)]' }],
    ['CONTAINER_NAME', 'v1', { CONTAINER_NAME: '-x' }],
    ['REPO', 'v1', { REPO: 'a$b' }],
  ])('a bad %s (%j %j) is refused by name before anything is called', async (variable, tag, environment) => {
    const result = await world.deploy(tag, environment);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining(variable) });
    expect(world.calls()).toEqual([]);
  });

  test('DEPLOY_PUBLISH, CONTAINER_NAME and CONTAINER_CLI are used throughout', async () => {
    const result = await world.deploy('v1', {
      DEPLOY_PUBLISH: '80:9000',
      CONTAINER_NAME: 'other',
      CONTAINER_CLI: 'podman',
    });
    expect(result.code).toBe(0);
    expect(world.containers()).toEqual(['other v1 80 running']);
    expect(world.calls('podman run').at(-1)).toContain('--publish 80:9000 --env PORT=9000');
    expect(world.calls('docker')).toEqual([]);
  });

  test("with DEPLOY_NETWORK=host, the trial and the service listen on the host's ports themselves", async () => {
    expect(await world.deploy('v1', { DEPLOY_NETWORK: 'host' })).toMatchObject({ code: 0 });
    const [trial, service] = world.calls('docker run');
    expect(trial).toContain('--network host --env PORT=8998 ');
    expect(service).toContain('--network host --env PORT=8999 ');
  });

  test('with --dry-run, prints each step in the order of a real run and calls nothing', async () => {
    const environment = { DEPLOY_HOST: 'h', REPO: '5.dkr.ecr.eu-west-1.amazonaws.com/wb' };
    const { code, stdout } = await world.run('deploy.sh', ['--dry-run', 'v2'], environment);
    expect(code).toBe(0);
    expect(world.calls()).toEqual([]);
    world.container(name, 'v1', 8999, true);
    await world.deploy('v2');
    const planned = stdout
      .split('\n')
      .filter((line) => line.startsWith('+ docker'))
      .map((line) => line.slice(2));
    expect(planned).toEqual(world.calls('docker').filter((call) => !/^docker (inspect|logs|login)/.test(call)));
    expect(stdout).toContain('+ aws ecr get-login-password --region eu-west-1 | docker login');
    expect(stdout).toContain('+ wait up to 60 s until http://127.0.0.1:8998/readyz answers 200');
  });
});

import { mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { busyboxImage, containersOf, docker, runInside } from '../../local-cloud/test/containers/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type Server, startServer } from './startServer.ts';

const image = 'localhost/workbench-of-the-suite:1';
const user = { uid: 1234, gid: 100 };

/** Counts its starts, does what a file says, then shows its files. */
const app = `#!/bin/sh
echo started >> starts
[ ! -e boot ] || . ./boot
mkdir -p "/tmp/www$(dirname "$WORKBENCH_BASE_PATH")"
ln -s "$WORKSPACE_PATH" "/tmp/www$WORKBENCH_BASE_PATH"
httpd -f -p "$PORT" -h /tmp/www &
trap 'exit 0' TERM
wait
`;

let folder: string;
let server: Server;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'workbench-containers-')));
  await writeFile(join(folder, 'app.sh'), app, { mode: 0o755 });
  await writeFile(join(folder, 'Dockerfile'), `FROM ${busyboxImage}\nCOPY app.sh /app.sh\nRUN chmod 755 /app.sh\n`);
  const progress = await docker.buildImage({ context: folder, src: ['Dockerfile', 'app.sh'] }, { t: image });
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
  );
  await docker.getImage(image).inspect();
  server = await start();
});

afterAll(async () => {
  await server?.kill('SIGTERM');
  expect(await containersOf(folder)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
  await docker.getImage(image).remove();
});

async function start(environment: Readonly<Record<string, string>> = {}, dir = 'cloud'): Promise<Server> {
  return await startServer(folder, {
    WB_LOCAL_DIR: join(folder, dir),
    WB_IMAGE: image,
    WB_POSIX_UID: String(user.uid),
    WB_POSIX_GID: String(user.gid),
    WB_DEFAULT_CPU: '256',
    WB_DEFAULT_RAM: '512',
    ...environment,
  });
}

/** A workbench that runs. */
async function create(name = 'mine') {
  const { item } = await server.call('POST', '', { workbench_name: name });
  return await server.untilStatus(item.workbench_id, 'running');
}

async function containerOf(id: string): Promise<string> {
  const containers = await containersOf(folder);
  const container = containers.find(
    ({ Names, State }) => State === 'running' && Names.some((name) => name.includes(id)),
  );
  if (container === undefined) throw new Error(`No container of ${id} among ${JSON.stringify(containers)}`);
  return container.Id;
}

async function inside(id: string, script: string): Promise<string> {
  return await runInside(await containerOf(id), script);
}

async function fileOf(publicEndpoint: string, path: string): Promise<string> {
  return await eventually(
    () => fetch(`${publicEndpoint}/${path}`).then(async (answer) => (answer.ok ? await answer.text() : '')),
    (text) => text !== '',
  );
}

async function stop(id: string) {
  await server.call('POST', `/${id}/stop`);
  return await server.untilStatus(id, 'stopped');
}

async function startAgain(id: string) {
  await server.call('POST', `/${id}/start`);
  return await server.untilStatus(id, 'running');
}

/** Where its files are on the host. */
async function filesOf(id: string, dir = 'cloud'): Promise<string> {
  const { Mounts } = await docker.getContainer(await containerOf(id)).inspect();
  const source = Mounts.find(({ Destination }) => Destination === '/efs')?.Source ?? '';
  expect(source.startsWith(join(folder, dir, 'efs'))).toBe(true);
  return source;
}

describe('a workbench in a container', () => {
  test('opens at its public endpoint, stops, starts with the files it had, and is destroyed with them', async () => {
    const { workbench_id: id, public_endpoint: endpoint } = await create();
    expect(await fileOf(endpoint, 'starts')).toBe('started\n');
    const files = await filesOf(id);
    await inside(id, 'echo kept > /home/project/note');

    const stopped = await stop(id);
    expect(stopped).not.toHaveProperty('stopped_reason');
    expect(await containersOf(folder)).toEqual([]);

    await startAgain(id);
    expect(await fileOf(endpoint, 'note')).toBe('kept\n');
    expect(await fileOf(endpoint, 'starts')).toBe('started\nstarted\n');

    await server.call('DELETE', `/${id}`);
    const gone = await eventually(
      () => server.call('GET', `/${id}`),
      (answer) => answer.error !== undefined,
    );
    expect(gone.error.code).toBe('not_found');
    await expect(stat(files)).rejects.toThrow('ENOENT');
  });

  test('runs as the POSIX user, who owns its files', async () => {
    const { workbench_id: id } = await create();
    expect(await inside(id, 'id -u; id -g; cd /home/project && pwd -P')).toBe('1234\n100\n/home/project');
    const files = await filesOf(id);
    const owners = [files, join(files, 'starts')].map(async (path) => await stat(path));
    expect((await Promise.all(owners)).map(({ uid, gid }) => ({ uid, gid }))).toEqual([user, user]);
    await stop(id);
  });

  test('sees its own files and no other workbench’s', async () => {
    const [mine, other] = await Promise.all([create('mine'), create('other')]);
    await inside(other.workbench_id, 'echo 4711 > /efs/secret-of-the-other');
    const everything = await inside(mine.workbench_id, 'find / -name "secret-of-*" 2>/dev/null; ls /efs /home/project');
    expect(everything).not.toContain('secret');
    expect(everything.match(/starts/g)).toHaveLength(2);
    const path = await filesOf(other.workbench_id);
    expect(await inside(mine.workbench_id, `ls ${path} 2>&1 || echo not there`)).toContain('not there');
    await Promise.all([stop(mine.workbench_id), stop(other.workbench_id)]);
  });

  test('that needs more memory than it has stops, says so, and can be started again', async () => {
    const { workbench_id: id } = await create();
    await inside(id, 'echo "rm boot; exec tail /dev/zero" > /efs/boot');
    await stop(id);
    await server.call('POST', `/${id}/start`);
    const item = await eventually(
      async () => (await server.call('GET', `/${id}`)).item,
      ({ status, stopped_reason: reason }) => status === 'stopped' && reason !== undefined,
    );
    expect(item.stopped_reason.code).toBe('OutOfMemory');
    expect(item.stopped_reason.message).toContain('OutOfMemoryError: Container killed due to memory usage');
    await startAgain(id);
    await stop(id);
  });

  test('outlives a killed controller as stopped: its container goes, its files stay', async () => {
    const { workbench_id: id, public_endpoint: endpoint } = await create();
    await inside(id, 'echo kept > /efs/note');
    const left = await containerOf(id);
    await server.kill('SIGKILL');
    expect((await docker.getContainer(left).inspect()).State.Running).toBe(true);

    server = await start();
    expect(server.log()).toContain('removed what a killed run left behind');
    expect(await containersOf(folder)).toEqual([]);
    await server.untilStatus(id, 'stopped');
    const again = await startAgain(id);
    expect(again.public_endpoint).not.toBe(endpoint);
    expect(await fileOf(again.public_endpoint, 'note')).toBe('kept\n');
    await stop(id);
  });
});

describe('a controller', () => {
  test('whose image cannot be pulled says so in the stopped reason of the workbench', async () => {
    const other = await start({ WB_IMAGE: '127.0.0.1:1/no/such/image:1' }, 'no-image');
    try {
      const { item } = await other.call('POST', '');
      const stopped = await other.untilStatus(item.workbench_id, 'stopped');
      expect(stopped.stopped_reason.code).toBe('ImagePullFailed');
      expect(stopped.stopped_reason.message).toContain('CannotPullContainerError: ');
    } finally {
      await other.kill('SIGTERM');
    }
  });

  test('that is stopped takes its containers along', async () => {
    const other = await start({}, 'leaving');
    const { item } = await other.call('POST', '');
    await other.untilStatus(item.workbench_id, 'running');
    await other.kill('SIGTERM');
    expect(await containersOf(join(folder, 'leaving'))).toEqual([]);
    // What they printed is in their log streams.
    expect(await readdir(join(folder, 'leaving/runtime/tasks'))).toEqual([]);
  });

  test('that finds no Docker API says so in one line and exits with 1', async () => {
    const failure = start({ DOCKER_HOST: `unix://${folder}/no.sock`, LOG_LEVEL: 'warn' }, 'no-engine');
    await expect(failure).rejects.toThrow(/no Docker API answers \(connect ENOENT .*no\.sock\)\. Start Docker/);
  });
});

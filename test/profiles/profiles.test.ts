import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TagResourceCommand } from '@aws-sdk/client-efs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import type { Timings } from '../../src/lib/timings.ts';
import { eventually } from '../support/eventually.ts';
import { isPurge } from '../support/invariants.ts';
import { createScriptedRuntime } from '../support/scriptedRuntime.ts';
import { startController, type TestController } from '../support/startController.ts';

const DIGEST = `sha256:${'5'.repeat(64)}`;

const plain = { name: 'plain', image: 'workbench:1', cpu: 1024, memory: 2048 };
const gpu = {
  name: 'gpu',
  title: 'With a GPU',
  image: 'workbench:gpu',
  cpu: 7000,
  memory: 30_000,
  gpu: 1,
  architecture: 'ARM64',
  capacity_providers: 'gpus',
};
const own = { name: 'own', image: 'workbench:own', cpu: 3000, memory: 5000, capacity_providers: 'gpus' };
const roomy = { ...plain, name: 'roomy', ephemeral_gib: 60, boot_command: 'exec /roomy.sh' };

let world: TestCloud;
/** One with all profiles, and one that was started with another file: without `own`, and another image. */
let controllers: readonly TestController[];
let user = '';
let users = 0;
const [ALL, LATER] = [0, 1];

beforeAll(async () => {
  const scripted = createScriptedRuntime();
  const runtime = {
    ...scripted,
    start: async (spec: Parameters<typeof scripted.start>[0]) => ({
      ...(await scripted.start(spec)),
      imageDigest: DIGEST,
    }),
  };
  world = await startTestCloud({
    runtime,
    capacityProviders: ['FARGATE', 'FARGATE_SPOT', 'gpus'],
    capacity: { gpus: 1 },
  });
  const start = (name: string, profiles: readonly object[], pace: Partial<Timings> = {}) => {
    const path = join(world.dir, name);
    writeFileSync(path, JSON.stringify(profiles));
    return startController(world.cloud.url, { WB_PROFILES: path }, { pace });
  };
  controllers = await Promise.all([
    // It doesn't carry through by itself what the other one was asked for.
    start('all.json', [plain, gpu, own, roomy], { sweepEveryMs: 600_000 }),
    start('later.json', [
      { ...plain, image: 'workbench:2' },
      { ...roomy, name: 'new' },
    ]),
  ]);
});
afterAll(async () => {
  await Promise.all(controllers.map((controller) => controller.close()));
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  users += 1;
  user = `user-${users}`;
});

const api = (at: number) => request(controllers[at]?.url ?? '');
const path = (id = '', command = '') => `/workbenches${id && `/${id}`}${command && `/${command}`}?user_id=${user}`;
const create = async (body: object = {}) => (await api(ALL).post(path()).send(body).expect(201)).body.item;
const get = async (id: string, at = ALL) => (await api(at).get(path(id))).body.item;
const until = (id: string, status: string, at = ALL) =>
  eventually(
    () => get(id, at),
    (item) => (item?.status ?? 'gone') === status,
  );
const stop = async (id: string) => {
  await api(ALL).post(path(id, 'stop')).expect(200);
  await until(id, 'stopped');
};
const definitions = (id: string) =>
  world.cloud.look().taskDefinitions.filter((one) => one.family === `workbench-${id}`);
const tasks = (id: string) => world.cloud.look().tasks.filter((task) => task.definition.family === `workbench-${id}`);
/** The definitions go with the workbench; tasks keep theirs. */
const destroyed = async (id: string) => {
  await api(ALL).delete(path(id)).expect(200);
  await until(id, 'gone');
  return tasks(id).filter(isPurge);
};

describe('GET /profiles', () => {
  test('shows what may be created, and not how it is run', async () => {
    const { body } = await api(ALL).get('/profiles').expect(200);
    expect(body).toEqual({
      success: true,
      items: [
        { ...plain, default: true },
        {
          name: 'gpu',
          title: 'With a GPU',
          default: false,
          image: 'workbench:gpu',
          cpu: 7000,
          memory: 30_000,
          gpu: 1,
          architecture: 'ARM64',
        },
        { name: 'own', default: false, image: 'workbench:own', cpu: 3000, memory: 5000 },
        { ...plain, name: 'roomy', default: false, ephemeral_gib: 60 },
      ],
    });
  });
});

describe('creating with a profile', () => {
  test('that is named runs what it says, in its size', async () => {
    const { workbench_id: id, ...item } = await create({ profile: 'roomy' });
    expect(item).toMatchObject({ profile: 'roomy', image: 'workbench:1', requested_cpu: 1024, requested_memory: 2048 });
    expect(definitions(id)).toMatchObject([
      {
        ephemeralStorage: { sizeInGiB: 60 },
        containerDefinitions: [{ command: [expect.stringMatching(/exec \/roomy\.sh$/)] }],
      },
    ]);
  });

  test('that isn’t Fargate’s has its size as it is, and runs where it says', async () => {
    const { workbench_id: id } = await create({ profile: 'own', requested_cpu: 2500 });
    expect(await get(id)).toMatchObject({ profile: 'own', requested_cpu: 2500, requested_memory: 5000 });
    expect(tasks(id)).toMatchObject([{ capacityProviderName: 'gpus', cpu: '2500', memory: '5000' }]);
    expect(definitions(id)).toMatchObject([{ requiresCompatibilities: ['EC2'] }]);
  });

  test('that there isn’t is a 400 that names those there are', async () => {
    const { body } = await api(ALL).post(path()).send({ profile: 'huge' }).expect(400);
    expect(body.error.details).toEqual([{ field: 'profile', message: 'must be one of plain, gpu, own, roomy' }]);
  });

  test('in a size that only others have is a 400', async () => {
    await api(ALL).post(path()).send({ profile: 'plain', requested_cpu: 2500 }).expect(400);
    await api(ALL).post(path()).send({ profile: 'own', requested_cpu: 64 }).expect(400);
  });
});

describe('the item', () => {
  test('says what runs, its digest once it is pulled, and that a start would run nothing else', async () => {
    const { workbench_id: id } = await create();
    await until(id, 'running');
    expect(await get(id)).toMatchObject({ image: 'workbench:1', image_digest: DIGEST, update_available: false });
    await stop(id);
    const stopped = await get(id);
    expect(stopped).toMatchObject({ image: 'workbench:1' });
    expect(stopped).not.toHaveProperty('image_digest');
    expect(stopped).not.toHaveProperty('update_available');
  });

  test('of a profile that has changed in the file: an update is there, and comes with the next start', async () => {
    const { workbench_id: id } = await create({ profile: 'plain' });
    await until(id, 'running');
    await until(id, 'running', LATER);
    expect(await get(id, LATER)).toMatchObject({ image: 'workbench:1', update_available: true });
    await stop(id);
    await until(id, 'stopped', LATER);
    expect(await get(id, LATER)).toMatchObject({ image: 'workbench:2' });
    await api(LATER).post(path(id, 'start')).expect(200);
    await until(id, 'running', LATER);
    expect(await get(id, LATER)).toMatchObject({ image: 'workbench:2', update_available: false });
  });
});

describe('a workbench whose profile is gone', () => {
  test('is listed, stopped and destroyed; a start is a 409 that names the profiles there are', async () => {
    const { workbench_id: id } = await create({ profile: 'own' });
    await until(id, 'running');
    await until(id, 'running', LATER);
    expect((await api(LATER).get(path())).body.items).toMatchObject([{ workbench_id: id, profile: 'own' }]);
    await api(LATER).post(path(id, 'stop')).expect(200);
    await until(id, 'stopped', LATER);
    expect(await get(id, LATER)).not.toHaveProperty('image');

    const { body } = await api(LATER).post(path(id, 'start')).expect(409);
    expect(body.error).toMatchObject({ code: 'profile_gone', message: expect.stringContaining('plain, new') });

    await api(LATER).delete(path(id)).expect(200);
    await until(id, 'gone', LATER);
    const [purge] = tasks(id).filter(isPurge);
    const byTheOther = { launchType: 'EC2', definition: { cpu: '3000', memory: '5000' } };
    const byItself = { launchType: 'FARGATE', definition: { cpu: '1024', memory: '2048' } };
    expect([byItself, byTheOther]).toContainEqual({
      launchType: purge?.launchType,
      definition: { cpu: purge?.definition.cpu, memory: purge?.definition.memory },
    });
  });

  test('is started by one that has it, and by another one once its size can be had', async () => {
    const { workbench_id: id } = await create({ profile: 'plain' });
    await stop(id);
    const tag = (Key: string, Value: string) =>
      world.efs.send(new TagResourceCommand({ ResourceId: `fsap-${id}`, Tags: [{ Key, Value }] }));
    await tag('workbench:cpu', '3000');
    const { body } = await api(ALL).post(path(id, 'start')).expect(409);
    expect(body.error).toMatchObject({ code: 'size_unavailable', message: expect.stringContaining('2048 with') });
    expect(await get(id)).toMatchObject({ requested_cpu: 3000 });
  });
});

describe('a GPU', () => {
  test('is asked for by the workbench, and never by its purge', async () => {
    const { workbench_id: id } = await create({ profile: 'gpu' });
    await until(id, 'running');
    expect(tasks(id)).toMatchObject([{ capacityProviderName: 'gpus', launchType: 'EC2' }]);
    expect(definitions(id)).toMatchObject([
      {
        runtimePlatform: { cpuArchitecture: 'ARM64' },
        containerDefinitions: [{ resourceRequirements: [{ type: 'GPU', value: '1' }] }],
      },
    ]);
    // There is one GPU, and it is taken.
    const other = await api(ALL).post(path()).send({ profile: 'gpu' }).expect(503);
    expect(other.body.error.code).toBe('no_capacity');

    const purges = await destroyed(id);
    expect(purges).toMatchObject([
      // By either controller: whoever finds the intent goes on.
      {
        launchType: 'FARGATE',
        definition: { containerDefinitions: [{ image: expect.stringMatching(/^workbench:[12]$/) }] },
      },
    ]);
    expect(purges[0]?.definition.containerDefinitions[0]).not.toHaveProperty('resourceRequirements');
  });

  test('is not waited for by the purge of a workbench that never got one', async () => {
    const holder = await create({ profile: 'gpu' });
    await until(holder.workbench_id, 'running');
    const { workbench_id: id } = await create({ profile: 'own' });
    const tag = { Key: 'workbench:profile', Value: 'gpu' };
    await until(id, 'running');
    await world.efs.send(new TagResourceCommand({ ResourceId: `fsap-${id}`, Tags: [tag] }));
    expect(await destroyed(id)).toHaveLength(1);
    await destroyed(holder.workbench_id);
  });
});

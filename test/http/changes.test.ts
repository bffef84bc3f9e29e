import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import { eventually } from '../support/eventually.ts';
import { readEvents } from '../support/readEvents.ts';
import { createScriptedRuntime } from '../support/scriptedRuntime.ts';
import { startController, type TestController } from '../support/startController.ts';

const ORIGIN = 'https://app.example.com';
const LONG = '🧮'.repeat(64);
const small = { name: 'small', image: 'workbench:1', cpu: 1024, memory: 2048 };
const large = { name: 'large', image: 'workbench:2', cpu: 4096, memory: 16_384 };
const own = { name: 'own', image: 'workbench:1', cpu: 3000, memory: 5000, capacity_providers: 'own' };

let world: TestCloud;
let controllers: readonly TestController[];
let user = '';
let users = 0;

beforeAll(async () => {
  world = await startTestCloud({ runtime: createScriptedRuntime(), capacityProviders: ['FARGATE', 'own'] });
  const start = (name: string, profiles: readonly object[], environment = {}) => {
    const path = join(world.dir, name);
    writeFileSync(path, JSON.stringify(profiles));
    return startController(world.cloud.url, { WB_PROFILES: path, RESTAPI_CORS_ORIGINS: ORIGIN, ...environment });
  };
  controllers = [
    await start('all.json', [small, large, own], { WB_MAX_CPU: '8192' }),
    await start('few.json', [{ ...small, name: 'other' }]),
  ];
});
afterAll(async () => {
  await Promise.all(controllers.map((controller) => controller.close()));
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  users += 1;
  user = `user-${users}`;
});

const api = (at = 0) => request(controllers[at]?.url ?? '');
const path = (id = '', command = '') => `/workbenches${id && `/${id}`}${command && `/${command}`}?user_id=${user}`;
const create = async (body: object = {}): Promise<string> =>
  (await api().post(path()).send(body).expect(201)).body.item.workbench_id;
const change = (id: string, body: object, at = 0) => api(at).patch(path(id)).send(body);
const get = async (id: string) => (await api().get(path(id))).body.item;
const until = (id: string, status: string) =>
  eventually(
    () => get(id),
    (item) => item?.status === status,
  );
const tags = (id: string) =>
  Object.fromEntries(
    world.cloud
      .look()
      .accessPoints.find((one) => one.id === `fsap-${id}`)
      ?.tags.map(({ Key, Value }) => [Key, Value]) ?? [],
  );

describe('a change', () => {
  test('of the name shows at once, and reaches the container at the next start', async () => {
    const id = await create({ workbench_name: LONG });
    await until(id, 'running');
    for (const name of ['short', LONG, 'x']) {
      const { body } = await change(id, { workbench_name: name }).expect(200);
      expect(body.item).toMatchObject({ workbench_name: name, status: 'running', update_available: false });
      expect((await api().get(path())).body.items).toMatchObject([{ workbench_name: name }]);
    }
    expect(tags(id)['Name']).toBe(`workbench ${user} x`);
    await api().post(path(id, 'stop')).expect(200);
    await until(id, 'stopped');
    await api().post(path(id, 'start')).expect(200);
    const latest = world.cloud.look().taskDefinitions.findLast(({ family }) => family === `workbench-${id}`);
    expect(latest?.containerDefinitions[0]?.environment).toContainEqual({ name: 'WORKBENCH_NAME', value: 'x' });
  });

  test('of the profile brings its sizes along, unless they are given; what runs has an update', async () => {
    const id = await create();
    await until(id, 'running');
    const { body } = await change(id, { profile: 'large' }).expect(200);
    expect(body.item).toMatchObject({
      profile: 'large',
      image: 'workbench:1',
      requested_cpu: 4096,
      requested_memory: 16_384,
      update_available: true,
    });
    const given = await change(id, { profile: 'own', requested_cpu: 2500 }).expect(200);
    expect(given.body.item).toMatchObject({ profile: 'own', requested_cpu: 2500, requested_memory: 5000 });
    await api().post(path(id, 'stop')).expect(200);
    await until(id, 'stopped');
    await api().post(path(id, 'start')).expect(200);
    const task = world.cloud.look().tasks.findLast((one) => one.definition.family === `workbench-${id}`);
    expect(task).toMatchObject({ capacityProviderName: 'own', cpu: '2500', memory: '5000' });
    await until(id, 'running');
    expect(await get(id)).toMatchObject({ update_available: false });
  });

  test('of several at a time: each is made, one after the other', async () => {
    const id = await create();
    const answers = await Promise.all([
      change(id, { workbench_name: 'named' }),
      change(id, { requested_cpu: 2048, requested_memory: 4096 }),
      change(id, {}),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await get(id)).toMatchObject({ workbench_name: 'named', requested_cpu: 2048, requested_memory: 4096 });
  });

  test.each<[string, object]>([
    ['with null', { workbench_name: null }],
    ['of a field that there isn’t', { status: 'running', workbench_name: 'new' }],
    ['of an empty name', { workbench_name: '' }],
    ['to a profile that there isn’t', { profile: 'huge', workbench_name: 'new' }],
    ['to a size that Fargate lacks', { requested_memory: 3000, workbench_name: 'new' }],
    ['to more than there may be', { requested_cpu: 16_384, requested_memory: 32_768, workbench_name: 'new' }],
  ])('%s is a 400, and changes nothing', async (_case, body) => {
    const id = await create({ workbench_name: 'old' });
    const before = tags(id);
    const answer = await change(id, body).expect(400);
    expect(answer.body.error.code).toBe('invalid_request');
    expect(tags(id)).toEqual(before);
  });

  test('of an other user’s is a 404, of one being destroyed a 409', async () => {
    const id = await create();
    const before = tags(id);
    await api().patch(`/workbenches/${id}?user_id=somebody-else`).send({ workbench_name: 'mine' }).expect(404);
    expect(tags(id)).toEqual(before);
    await api().delete(path(id)).expect(200);
    expect([404, 409]).toContain((await change(id, { workbench_name: 'new' })).status);
  });

  test('of the size alone, where the profile is gone, is a 409; another profile makes it start again', async () => {
    const id = await create({ profile: 'own' });
    await api().post(path(id, 'stop')).expect(200);
    await until(id, 'stopped');
    expect((await change(id, { requested_cpu: 512 }, 1).expect(409)).body.error.code).toBe('profile_gone');
    await change(id, { workbench_name: 'named all the same' }, 1).expect(200);
    await change(id, { profile: 'other' }, 1).expect(200);
    await api(1).post(path(id, 'start')).expect(200);
  });

  test('is told to those who follow, and may come from a page of the frontend', async () => {
    const id = await create();
    await until(id, 'running');
    const asked = await api()
      .options(path(id))
      .set({ Origin: ORIGIN, 'Access-Control-Request-Method': 'PATCH' })
      .expect(204);
    expect(asked.headers['access-control-allow-methods']).toContain('PATCH');
    const events = await readEvents(`${controllers[0]?.url}${path(id, 'events')}`);
    expect(await events.next()).toMatchObject({ data: { status: 'running' } });
    await change(id, { workbench_name: 'changed' }).set('Origin', ORIGIN).expect(200);
    expect(await events.next()).toMatchObject({ data: { workbench_name: 'changed', status: 'running' } });
    events.abort();
  });
});

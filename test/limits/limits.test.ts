import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import { eventually } from '../support/eventually.ts';
import { createScriptedRuntime } from '../support/scriptedRuntime.ts';
import { startController, type TestController } from '../support/startController.ts';

let world: TestCloud;
/** Two of the same limits, one with a limit for all users, one with none. */
let controllers: readonly TestController[];
let user = '';
let users = 0;

const perUser = { WB_MAX_PER_USER: '3', WB_MAX_RUNNING_PER_USER: '2', WB_MAX_CPU: '2048', WB_MAX_MEMORY: '8192' };
const [ONE, OTHER, FOR_ALL, WITHOUT] = [0, 1, 2, 3];

beforeAll(async () => {
  world = await startTestCloud({ runtime: createScriptedRuntime() });
  const start = (environment: Record<string, string>) => startController(world.cloud.url, environment);
  controllers = await Promise.all([
    start(perUser),
    start(perUser),
    start({ WB_MAX_RUNNING: '2', WB_STACK: 'all' }),
    start({ WB_STACK: 'all' }),
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
const create = async (at = ONE, body: object = {}, key?: string) => {
  const answer = await api(at)
    .post(path())
    .set(key === undefined ? {} : { 'Idempotency-Key': key })
    .send(body);
  return { status: answer.status, id: String(answer.body.item?.workbench_id), error: answer.body.error };
};
const call = async (at: number, id: string, command: string) => (await api(at).post(path(id, command))).status;
const used = async (at = ONE) => (await api(at).get(`/limits?user_id=${user}`)).body.item;
const stopped = async (at: number, id: string) => {
  await call(at, id, 'stop');
  await eventually(
    async () => (await api(at).get(path(id))).body.item?.status,
    (status) => status === 'stopped',
  );
};

describe('a user at the limit', () => {
  test('of running workbenches: a create is a 409 that says which run, and AWS is asked for nothing', async () => {
    const [one, two] = [await create(), await create()];
    world.cloud.clearCalls();
    const third = await create();

    expect([one.status, two.status, third.status]).toEqual([201, 201, 409]);
    expect(third.error).toMatchObject({
      code: 'quota_exceeded',
      details: { limit: 'running', max: 2, used: 2, running: [one.id, two.id] },
    });
    expect(Object.keys(world.cloud.calls()).filter((name) => !/Describe|List/.test(name))).toEqual([]);
    expect(await used()).toEqual({
      workbenches: { max: 3, used: 2 },
      running: { max: 2, used: 2 },
      cpu: { max: 2048 },
      memory: { max: 8192 },
    });
  });

  test('may stop one and start another; starting what runs stays 200', async () => {
    const [one, two] = [await create(), await create()];
    await stopped(ONE, one.id);
    const three = await create();

    expect(await call(ONE, one.id, 'start')).toBe(409);
    expect(await call(ONE, two.id, 'start')).toBe(200);
    await stopped(ONE, three.id);
    expect(await call(ONE, one.id, 'start')).toBe(200);
  });

  test('of workbenches: is told so, and those being destroyed do not count', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { id } = await create();
      ids.push(id);
      await stopped(ONE, id);
    }
    const refused = await create();
    expect(refused.error.details).toEqual({ limit: 'workbenches', max: 3, used: 3, running: [] });

    await api(ONE).delete(path(ids[0])).expect(200);
    expect((await create()).status).toBe(201);
  });

  test('creates in flight count: of ten at once as many succeed as there is room for', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(8);
  });

  test('starts in flight count', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { id } = await create();
      ids.push(id);
      await stopped(ONE, id);
    }
    const statuses = await Promise.all(ids.map((id) => call(ONE, id, 'start')));
    expect(statuses.sort()).toEqual([200, 200, 409]);
  });

  test('a repeated create with its key answers its workbench, from either controller', async () => {
    const first = await create(ONE, {}, 'key');
    await create();
    const again = [await create(ONE, {}, 'key'), await create(OTHER, {}, 'key')];

    expect(again.map(({ status, id }) => [status, id])).toEqual([
      [201, first.id],
      [201, first.id],
    ]);
    // Unless it knows yet of the second one, which is the other controller's.
    await eventually(
      () => used(OTHER),
      ({ running }) => running.used === 2,
    );
    expect((await create(OTHER, {}, 'another key')).error).toMatchObject({ code: 'quota_exceeded' });
  });
});

describe('two controllers', () => {
  test('overshoot by each other’s creates in flight at most, and not once they have seen them', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => create(index % 2 === 0 ? ONE : OTHER)));
    const made = answers.filter(({ status }) => status === 201).length;

    expect(made).toBeGreaterThanOrEqual(2);
    expect(made).toBeLessThanOrEqual(4);
    await eventually(
      async () => [(await used(ONE)).workbenches.used, (await used(OTHER)).workbenches.used],
      (counts) => counts.every((count) => count === made),
    );
    expect([(await create(ONE)).status, (await create(OTHER)).status]).toEqual([409, 409]);
  });
});

describe('a limit for all users', () => {
  test('counts those of others and of other controllers, and names none of them', async () => {
    const mine = await create(FOR_ALL);
    user = 'somebody-else';
    const other = await create(WITHOUT);
    user = `user-${users}`;
    const refused = await eventually(
      () => create(FOR_ALL),
      ({ status }) => status === 409,
    );

    expect(refused.error.details).toMatchObject({
      limit: 'all_running',
      max: 2,
      running: expect.arrayContaining([mine.id]),
    });
    expect(refused.error.details.running).not.toContain(other.id);
  });
});

describe('a workbench', () => {
  test('with more CPU or memory than there may be is a 400 that says how much may', async () => {
    const { status, error } = await create(ONE, { requested_cpu: 4096, requested_memory: 16_384 });

    expect(status).toBe(400);
    expect(error.details).toEqual([
      { field: 'requested_cpu', message: 'must be at most 2048' },
      { field: 'requested_memory', message: 'must be at most 8192' },
    ]);
  });

  test('without limits is as before, and GET /limits has no most', async () => {
    await create(WITHOUT);
    expect(await used(WITHOUT)).toEqual({
      workbenches: { used: 1 },
      running: { used: 1 },
      cpu: {},
      memory: {},
    });
  });
});

import { existsSync } from 'node:fs';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { eventually } from '../support/eventually.ts';
import { startWorld, type World } from '../support/startWorld.ts';

type Item = { workbench_id: string; workbench_name: string; status: string; public_endpoint: string };

let world: World;
let user = 'user-0';
let users = 0;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  users += 1;
  user = `user-${users}`;
});

const path = (id = '', command = '') => `/workbenches${id && `/${id}`}${command && `/${command}`}?user_id=${user}`;
const api = () => request(world.url);

async function create(body: object = {}): Promise<Item> {
  const { body: answer } = await api().post(path()).send(body).expect(201);
  return answer.item;
}

const statusOf = async (id: string): Promise<string> => (await api().get(path(id))).body.item?.status ?? 'gone';
const untilStatus = (id: string, status: string) =>
  eventually(
    () => statusOf(id),
    (seen) => seen === status,
  );
/** Not by the controller's word, which may be a moment behind. */
const untilInCloud = (id: string, lastStatus: string) =>
  eventually(
    () => inCloud(id).tasks.at(-1)?.lastStatus,
    (seen) => seen === lastStatus,
  );
const inCloud = (id: string) => ({
  record: world.cloud.look().accessPoints.find((one) => one.id === `fsap-${id}`),
  tasks: world.cloud.look().tasks.filter((task) => task.definition.family === `workbench-${id}`),
  definitions: world.cloud.look().taskDefinitions.filter(({ family }) => family === `workbench-${id}`),
});

describe('creating a workbench', () => {
  test('with nothing but a user answers 201 with the whole item, and it comes to run', async () => {
    const before = Date.now();
    const { status, headers, body } = await api().post(path());

    expect(status).toBe(201);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    const { starting, ...item } = body.item;
    const { workbench_id: id, created_at: createdAt } = item;
    expect({ ...body, item }).toEqual({
      success: true,
      item: {
        user_id: user,
        workbench_id: expect.stringMatching(/^[0-9a-f]{8,40}$/),
        workbench_name: `wb-${id}`,
        status: expect.stringMatching(/^(starting|provisioning|pending|activating|running)$/),
        public_endpoint: `http://localhost:${new URL(world.url).port}/project/${id}`,
        requested_cpu: 1024,
        requested_memory: 2048,
        profile: 'default',
        image: '394497726199.dkr.ecr.us-west-1.amazonaws.com/h1st/workbench:latest',
        update_available: false,
        status_age_ms: expect.any(Number),
        created_at: new Date(createdAt).toISOString(),
      },
    });
    expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(before);
    if (item.status !== 'running') expect(Date.parse(starting.since)).toBeGreaterThanOrEqual(before);
    await untilStatus(id, 'running');
    const { record, tasks, definitions } = inCloud(id);
    expect([record !== undefined, tasks.length, definitions.length]).toEqual([true, 1, 1]);
  });

  test('with name and size has them, in the answer and in the cloud', async () => {
    const name = 'Größe “1” 漢字 👩‍💻';
    const item = await create({ workbench_name: name, requested_cpu: 2048, requested_memory: 5120 });
    expect(item).toMatchObject({ workbench_name: name, requested_cpu: 2048, requested_memory: 5120 });
    const [definition] = inCloud(item.workbench_id).definitions;
    expect(definition).toMatchObject({ cpu: '2048', memory: '5120' });
    const { body } = await api().get(path(item.workbench_id));
    expect(body.item).toMatchObject({ workbench_name: name, requested_cpu: 2048, requested_memory: 5120 });
  });

  test.each([
    ['an empty body with a content type', ''],
    ['an empty object', '{}'],
  ])('with %s is fine', async (_kind, body) => {
    await api().post(path()).set('Content-Type', 'application/json').send(body).expect(201);
  });

  test('twice makes two', async () => {
    const ids = new Set((await Promise.all([create(), create()])).map((item) => item.workbench_id));
    expect(ids.size).toBe(2);
  });

  test.each([
    [
      'a combination that there isn’t',
      { requested_cpu: 1024, requested_memory: 1024 },
      'requested_cpu, requested_memory',
    ],
    ['a CPU size that goes not with the default memory', { requested_cpu: 8192 }, 'requested_cpu'],
    ['a memory size that goes not with the default CPU', { requested_memory: 512 }, 'requested_memory'],
  ])('with %s is a 400 that lists the nearest right sizes, and nothing is made', async (_kind, body, field) => {
    await world.forgetCalls();
    const { status, body: answer } = await api().post(path()).send(body);
    expect(status).toBe(400);
    expect(answer.error).toMatchObject({
      code: 'invalid_request',
      details: [
        { field, message: expect.stringMatching(/nearest sizes are \d+ with \d+, \d+ with \d+, \d+ with \d+$/) },
      ],
    });
    expect(world.changes()).toEqual([]);
  });
});

describe('listing workbenches', () => {
  test('of a user who has none is an empty list', async () => {
    const { body } = await api().get(path()).expect(200);
    expect(body).toEqual({ success: true, items: [] });
  });

  test('answers that user’s own, oldest first, each as GET by id does', async () => {
    const made = [await create(), await create(), await create()];
    await request(world.url).post('/workbenches?user_id=somebody-else').expect(201);
    for (const { workbench_id: id } of made) await untilStatus(id, 'running');

    const { body } = await api().get(path()).expect(200);
    expect(body.items.map((item: Item) => item.workbench_id)).toEqual(made.map((item) => item.workbench_id));
    const { body: one } = await api().get(path(made[1]?.workbench_id));
    expect({ ...body.items[1], status_age_ms: 0 }).toEqual({ ...one.item, status_age_ms: 0 });
  });

  test('leaves out what is being destroyed, at once', async () => {
    const { workbench_id: id } = await create();
    await api().delete(path(id)).expect(200);
    expect((await api().get(path())).body.items).toEqual([]);
    await untilStatus(id, 'gone');
  });
});

describe('somebody else’s workbench', () => {
  const calls = [
    ['get', ''],
    ['delete', ''],
    ['post', 'start'],
    ['post', 'stop'],
  ] as const;

  test.each(calls)(
    '%s %s answers the same 404 as for one that does not exist, and does nothing',
    async (method, command) => {
      const { workbench_id: id } = await create();
      await untilInCloud(id, 'RUNNING');
      user = 'intruder';
      await world.forgetCalls();
      const answers = [];
      for (const wid of [id, '0123456789abcdef0']) {
        const answer = await api()[method](path(wid, command)).set('X-Request-Id', 'same');
        const { date: _date, ...headers } = answer.headers;
        answers.push({ status: answer.status, text: answer.text, headers });
      }
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]).toMatchObject({
        status: 404,
        text: '{"success":false,"error":{"code":"not_found","message":"There is no such workbench; list yours with GET /workbenches","request_id":"same"}}',
      });
      expect(world.changes()).toEqual([]);
      expect(inCloud(id).tasks[0]?.desiredStatus).toBe('RUNNING');
    },
  );

  test('is never listed', async () => {
    await create();
    user = 'intruder';
    expect((await api().get(path())).body.items).toEqual([]);
  });
});

describe('stop and start', () => {
  test('a running workbench stops without a reason, keeps its files, and starts with a new task', async () => {
    const { workbench_id: id } = await create();
    await untilInCloud(id, 'RUNNING');

    const { body } = await api().post(path(id, 'stop')).expect(200);
    expect(body.item.workbench_id).toBe(id);
    await untilStatus(id, 'stopped');
    expect((await api().get(path(id))).body.item).not.toHaveProperty('stopped_reason');

    await api().post(path(id, 'start')).expect(200);
    await untilInCloud(id, 'RUNNING');
    expect(
      inCloud(id)
        .tasks.map(({ lastStatus }) => lastStatus)
        .sort(),
    ).toEqual(['RUNNING', 'STOPPED']);
    expect(inCloud(id).definitions).toHaveLength(1);
  });

  test('stopping a stopped workbench changes nothing', async () => {
    const { workbench_id: id } = await create();
    await api().post(path(id, 'stop')).expect(200);
    await untilInCloud(id, 'STOPPED');
    await world.forgetCalls();
    await api().post(path(id, 'stop')).expect(200);
    expect(world.changes()).toEqual([]);
  });

  test('starting a running workbench changes nothing', async () => {
    const { workbench_id: id } = await create();
    await untilInCloud(id, 'RUNNING');
    await world.forgetCalls();
    const { body } = await api().post(path(id, 'start')).expect(200);
    expect(body.item.status).toBe('running');
    expect(world.changes()).toEqual([]);
  });

  test('ten starts at once make one task', async () => {
    const { workbench_id: id } = await create();
    await api().post(path(id, 'stop')).expect(200);
    await untilInCloud(id, 'STOPPED');
    const answers = await Promise.all(Array.from({ length: 10 }, () => api().post(path(id, 'start'))));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(inCloud(id).tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED')).toHaveLength(1);
  });

  test('starting while it stops is a 409 that says when to come back, and starts nothing', async () => {
    const { workbench_id: id } = await create();
    await untilInCloud(id, 'RUNNING');
    world.cloud.changeTiming({ stoppingMs: 60_000 });
    try {
      await api().post(path(id, 'stop')).expect(200);
      const { status, body, headers } = await api().post(path(id, 'start'));
      expect(status).toBe(409);
      expect(body.error.code).toBe('stopping');
      expect(headers['retry-after']).toMatch(/^\d+$/);
      expect(inCloud(id).tasks).toHaveLength(1);
    } finally {
      world.cloud.changeTiming({ stoppingMs: 0 });
    }
  });

  test('a workbench whose process ended by itself is stopped and says why, until it runs again', async () => {
    const { workbench_id: id } = await create();
    await untilInCloud(id, 'RUNNING');
    world.runtime.exit(inCloud(id).tasks[0]?.id ?? '', {
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    });
    await untilStatus(id, 'stopped');
    const { body } = await api().get(path(id));
    expect(body.item.stopped_reason).toEqual({ code: 'OutOfMemory', message: expect.stringContaining('more memory') });
    await api().post(path(id, 'start')).expect(200);
    await untilStatus(id, 'running');
    expect((await api().get(path(id))).body.item).not.toHaveProperty('stopped_reason');
  });
});

describe('a workbench that an operator stopped past the controller', () => {
  test('says so with the operator’s reason, also once ECS has forgotten the task, until it runs again', async () => {
    const { workbench_id: id } = await create();
    await untilInCloud(id, 'RUNNING');
    await world.ecs.send(new StopTaskCommand({ task: inCloud(id).tasks[0]?.arn, reason: 'maintenance' }));
    await untilStatus(id, 'stopped');
    const { body } = await api().get(path(id));
    expect(body.item.stopped_reason).toEqual({
      code: 'StoppedByOperator',
      message: expect.stringMatching(/from outside the controller.*Cause: maintenance$/),
    });
    const kept = await eventually(
      () => inCloud(id).record?.tags.find(({ Key }) => Key === 'workbench:stopped')?.Value,
      (value) => value !== undefined,
    );
    expect(kept).toMatch(/^1:StoppedByOperator:.*Cause: maintenance$/);
    await api().post(path(id, 'start')).expect(200);
    await untilStatus(id, 'running');
    expect((await api().get(path(id))).body.item).not.toHaveProperty('stopped_reason');
  });
});

describe('destroying a workbench', () => {
  test('answers destroying, and soon its record, task definitions, tasks and files are gone', async () => {
    const { workbench_id: id } = await create();
    await untilInCloud(id, 'RUNNING');
    const folder = world.cloud.pathOf(inCloud(id).record?.rootDirectory.Path ?? '');

    const { body } = await api().delete(path(id)).expect(200);
    expect(body).toMatchObject({ success: true, item: { workbench_id: id, status: 'destroying' } });
    expect(
      await eventually(
        () => statusOf(id),
        (status) => status === 'gone',
      ),
    ).toBe('gone');
    const { record, tasks, definitions } = inCloud(id);
    expect(record).toBeUndefined();
    expect(tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED')).toEqual([]);
    expect(definitions.filter(({ status }) => status === 'ACTIVE')).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test('meanwhile start and stop are a 409, and delete again a 200', async () => {
    const { workbench_id: id } = await create();
    await untilInCloud(id, 'RUNNING');
    world.runtime.scriptPurges((family) => (family.endsWith(id) ? 'hangs' : 'empties'));
    await api().delete(path(id)).expect(200);

    for (const command of ['start', 'stop']) {
      const { status, body } = await api().post(path(id, command));
      expect([status, body.error.code]).toEqual([409, 'destroying']);
    }
    expect((await api().delete(path(id)).expect(200)).body.item.status).toBe('destroying');
    expect(await statusOf(id)).toBe('destroying');
  });
});

import { TagResourceCommand } from '@aws-sdk/client-efs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Capacity } from '@workbench/local-cloud';
import request from 'supertest';
import { eventually } from '../support/eventually.ts';
import { startWorld, type World } from '../support/startWorld.ts';

const nothing = { accessPoints: [], taskDefinitions: [], tasks: [] };
let capacity: Capacity;
let world: World;

beforeEach(async () => {
  capacity = {};
  world = await startWorld({}, { cloud: { capacity } });
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const create = () => request(world.url).post('/workbenches?user_id=ada');
const untilNothingIsLeft = () => eventually(world.left, (left) => JSON.stringify(left) === JSON.stringify(nothing));

describe('creating a workbench', () => {
  test.each<[string, Capacity]>([
    ['a task', { tasks: 0 }],
    ['CPU', { vcpu: 0 }],
    ['memory', { memoryMiB: 0 }],
  ])(
    'when ECS has no capacity for %s, is a 503 that says when to come back, and nothing is left',
    async (_kind, none) => {
      Object.assign(capacity, none);
      const { status, body, headers } = await create();
      expect(status).toBe(503);
      expect(body).toEqual({
        success: false,
        error: {
          code: 'no_capacity',
          message: expect.stringContaining('try again'),
          request_id: headers['x-request-id'],
        },
      });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(world.left()).toEqual(nothing);
    },
  );

  test.each([
    ['RunTask', 'InvalidParameterException'],
    ['RunTask', 'AccessDeniedException'],
    ['RunTask', 'BlockedException'],
    ['RegisterTaskDefinition', 'ClientException'],
    ['RegisterTaskDefinition', 'AccessDeniedException'],
  ])('when ECS refuses %s with %s, is a 502 without AWS’s words, and nothing is left', async (operation, code) => {
    world.cloud.setFaults([{ operation, kind: 'error', code }]);
    const { status, body, text } = await create();
    expect([status, body.error.code]).toEqual([502, 'cloud_refused']);
    expect(text).not.toMatch(/Exception|encountered/);
    expect(world.left()).toEqual(nothing);
  });

  test('when EFS refuses the access point, is a 502 and nothing is left', async () => {
    world.cloud.setFaults([{ operation: 'CreateAccessPoint', kind: 'error', code: 'AccessDeniedException' }]);
    expect((await create()).status).toBe(502);
    expect(world.left()).toEqual(nothing);
  });

  test('when the file system is full, is a 503 and nothing is left', async () => {
    world.cloud.setFaults([{ operation: 'CreateAccessPoint', kind: 'error', code: 'AccessPointLimitExceeded' }]);
    const { status, body } = await create();
    expect([status, body.error.code]).toEqual([503, 'no_capacity']);
    expect(world.left()).toEqual(nothing);
  });

  test('when the answers of both creating calls are lost, makes one workbench all the same', async () => {
    world.cloud.setFaults([
      { operation: 'CreateAccessPoint', kind: 'reset', when: 'after', times: 1 },
      { operation: 'RunTask', kind: 'reset', when: 'after', times: 1 },
    ]);
    await create().expect(201);
    const { accessPoints, tasks } = world.left();
    expect([accessPoints.length, tasks.length]).toEqual([1, 1]);
  });

  test('when two controllers register at once, as ECS says, is tried again', async () => {
    world.cloud.setFaults([{ operation: 'RegisterTaskDefinition', kind: 'throttle', times: 1 }]);
    await create().expect(201);
  });

  test('when it is refused and the clean-up fails, leaves the intent to destroy, and no workbench in the list', async () => {
    capacity.tasks = 0;
    world.cloud.setFaults([{ operation: 'DeleteAccessPoint', kind: 'error', code: 'AccessDeniedException' }]);
    const answer = create();
    const answered = answer.then((one) => one);
    const record = await eventually(
      () => world.cloud.look().accessPoints.at(0),
      (one) => one !== undefined && JSON.stringify(one.tags).includes('workbench:destroy'),
    );
    const { body } = await request(world.url).get('/workbenches?user_id=ada').expect(200);
    expect(body.items).toEqual([]);
    const wid = record?.id.slice('fsap-'.length);
    const seen = await request(world.url).get(`/workbenches/${wid}?user_id=ada`).expect(200);
    expect(seen.body.item.status).toBe('destroying');
    await request(world.url).post(`/workbenches/${wid}/start?user_id=ada`).expect(409);

    world.cloud.clearFaults();
    expect((await answered).status).toBe(503);
    await untilNothingIsLeft();
  });
});

describe('a workbench that is stopped', () => {
  async function aStoppedOne(): Promise<string> {
    const { body } = await create().expect(201);
    const wid: string = body.item.workbench_id;
    await request(world.url).post(`/workbenches/${wid}/stop?user_id=ada`).expect(200);
    await eventually(world.left, ({ tasks }) => tasks.length === 0);
    return wid;
  }

  test('started when ECS has no capacity is a 503, stays stopped, says why, and starts when there is room', async () => {
    const wid = await aStoppedOne();
    capacity.tasks = 0;
    const { status, body, headers } = await request(world.url).post(`/workbenches/${wid}/start?user_id=ada`);
    expect([status, body.error.code]).toEqual([503, 'no_capacity']);
    expect(headers['retry-after']).toMatch(/^\d+$/);
    const seen = await request(world.url).get(`/workbenches/${wid}?user_id=ada`).expect(200);
    expect(seen.body.item).toMatchObject({ status: 'stopped', stopped_reason: { code: 'NoCapacity' } });

    delete capacity.tasks;
    await request(world.url).post(`/workbenches/${wid}/start?user_id=ada`).expect(200);
    expect(world.left().tasks).toHaveLength(1);
  });

  test('started after somebody used its next token for another request adopts the task that came of it', async () => {
    const wid = await aStoppedOne();
    const { ecs, cloud } = world;
    const { RunTaskCommand } = await import('@aws-sdk/client-ecs');
    const { tasks: [foreign] = [] } = await ecs.send(
      new RunTaskCommand({
        cluster: cloud.cluster,
        taskDefinition: `workbench-${wid}`,
        clientToken: `${wid}-2`,
        startedBy: 'somebody',
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: [cloud.subnets[0] ?? ''] } },
      }),
    );
    // Not to be seen by DescribeTasks or ListTasks, so that only the conflict tells.
    await request(world.url).post(`/workbenches/${wid}/start?user_id=ada`).expect(200);
    expect(world.left().tasks).toEqual([foreign?.taskArn?.split('/').pop()]);
  });

  test('destroyed by somebody’s hand, its access point deleted, is a 404', async () => {
    const wid = await aStoppedOne();
    const { DeleteAccessPointCommand } = await import('@aws-sdk/client-efs');
    await world.efs.send(new DeleteAccessPointCommand({ AccessPointId: `fsap-${wid}` }));
    await request(world.url).post(`/workbenches/${wid}/start?user_id=ada`).expect(404);
    expect(world.left().tasks).toEqual([]);
  });
});

describe('while AWS does not answer well', () => {
  test.each(['throttle', 'error', 'reset'] as const)(
    'a change is a 503 that says when to come back: %s',
    async (kind) => {
      const { body } = await create().expect(201);
      world.cloud.setFaults([{ operation: 'ecs:*', kind }]);
      const { status, headers, text } = await request(world.url).post(
        `/workbenches/${body.item.workbench_id}/stop?user_id=ada`,
      );
      expect(status).toBe(503);
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(text).not.toMatch(/Exception|ECONN|socket|127\.0\.0\.1/);
      world.cloud.clearFaults();
    },
  );

  test('/readyz is a 503 and /healthz a 200', async () => {
    world.cloud.setFaults([{ operation: '*', kind: 'reset' }]);
    const { headers } = await request(world.url).get('/readyz').expect(503);
    expect(headers['retry-after']).toMatch(/^\d+$/);
    await request(world.url).get('/healthz').expect(200);
  });
});

test('an access point of another stack, and one whose tags are broken, are nobody’s workbench', async () => {
  const { body } = await create().expect(201);
  const wid: string = body.item.workbench_id;
  await world.efs.send(
    new TagResourceCommand({ ResourceId: `fsap-${wid}`, Tags: [{ Key: 'workbench:stack', Value: 'other' }] }),
  );
  await request(world.url).post(`/workbenches/${wid}/stop?user_id=ada`).expect(404);
});

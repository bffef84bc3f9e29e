import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { awsModelsPresent, checkShape } from '../../local-cloud/test/support/awsModel.ts';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import { eventually } from '../support/eventually.ts';
import { recordWire, type Wire } from '../support/recordWire.ts';
import { createScriptedRuntime } from '../support/scriptedRuntime.ts';
import { startController, type TestController } from '../support/startController.ts';

let cloud: TestCloud;
let wire: Wire;
let controller: TestController | undefined;

beforeEach(async () => {
  cloud = await startTestCloud({
    runtime: createScriptedRuntime(),
    securityGroups: ['sg-1', 'sg-2'],
    logGroups: ['/workbenches', '/ecs/w', 'g'],
  });
  wire = await recordWire(cloud.cloud.url);
});
afterEach(async () => {
  await controller?.close();
  await wire[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
});

async function created(environment: Record<string, string> = {}): Promise<string> {
  controller = await startController(wire.url, environment);
  const { body } = await request(controller.url).post('/workbenches?user_id=ada%40x').send({ workbench_name: 'a, b' });
  return body.item.workbench_id;
}

async function destroyed(wid: string): Promise<void> {
  const call = () => request(controller?.url ?? '');
  await call().delete(`/workbenches/${wid}?user_id=ada%40x`).expect(200);
  await eventually(
    async () => (await call().get(`/workbenches/${wid}?user_id=ada%40x`)).status,
    (status) => status === 404,
  );
}

const tag = (tags: unknown, key: string): unknown =>
  (tags as { key?: string; Key?: string; value?: string; Value?: string }[])
    .filter((one) => (one.key ?? one.Key) === key)
    .map((one) => one.value ?? one.Value)[0];

describe('what AWS is sent to create a workbench', () => {
  test('is an access point with an owner, a folder of its own and the record in its tags', async () => {
    await created({ WB_POSIX_UID: '1001', WB_POSIX_GID: '1002', WB_STACK: 'team-a' });
    const [body] = wire.bodiesOf('POST /2015-02-01/access-points');
    expect(body).toEqual({
      ClientToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      FileSystemId: 'fs-0123456789abcdef0',
      PosixUser: { Uid: 1001, Gid: 1002 },
      RootDirectory: {
        Path: expect.stringMatching(/^\/team-a\/[0-9a-f]{32}$/),
        CreationInfo: { OwnerUid: 1001, OwnerGid: 1002, Permissions: '0750' },
      },
      Tags: expect.any(Array),
    });
    const keys = ['stack', 'user', 'name', 'cpu', 'memory', 'run'].map((key) =>
      tag(body?.['Tags'], `workbench:${key}`),
    );
    expect(keys).toEqual(['team-a', 'ada@x', 'a=2C b', '1024', '2048', '1']);
  });

  test('is a task definition that mounts that access point, encrypted and by IAM, with tags', async () => {
    const wid = await created({ WB_LOG_GROUP: '/ecs/w', AWS_REGION: 'us-east-1' });
    const [body] = wire.bodiesOf('RegisterTaskDefinition');
    expect(body).toMatchObject({
      family: `workbench-${wid}`,
      volumes: [
        {
          efsVolumeConfiguration: {
            transitEncryption: 'ENABLED',
            authorizationConfig: { accessPointId: `fsap-${wid}`, iam: 'ENABLED' },
          },
        },
      ],
      containerDefinitions: [
        {
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': '/ecs/w', 'awslogs-region': 'us-east-1' },
          },
        },
      ],
    });
    expect(tag(body?.['tags'], 'workbench:stack')).toBe('workbench');
    expect(tag(body?.['tags'], 'workbench:id')).toBe(wid);
  });

  test('is one task of that definition, with a token, an origin, a network and tags, and nothing overridden', async () => {
    const wid = await created({
      ECS_SUBNETS: cloud.cloud.subnets.join(),
      ECS_SECURITY_GROUPS: 'sg-1,sg-2',
      ECS_ASSIGN_PUBLIC_IP: 'true',
    });
    expect(wire.bodiesOf('RunTask')).toEqual([
      {
        cluster: 'default',
        taskDefinition: `workbench-${wid}:1`,
        count: 1,
        clientToken: `${wid}-1`,
        startedBy: 'workbench',
        launchType: 'FARGATE',
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [...cloud.cloud.subnets],
            securityGroups: ['sg-1', 'sg-2'],
            assignPublicIp: 'ENABLED',
          },
        },
        tags: [
          { key: 'workbench:stack', value: 'workbench' },
          { key: 'workbench:id', value: wid },
          { key: 'workbench:user', value: 'ada@x' },
        ],
      },
    ]);
  });

  test('is a capacity provider strategy instead of a launch type, where one is configured', async () => {
    await created({ ECS_CAPACITY_PROVIDERS: 'FARGATE_SPOT:4,FARGATE:1' });
    const [body] = wire.bodiesOf('RunTask');
    expect(body).not.toHaveProperty('launchType');
    expect(body?.['capacityProviderStrategy']).toEqual([
      { capacityProvider: 'FARGATE_SPOT', weight: 4 },
      { capacityProvider: 'FARGATE', weight: 1 },
    ]);
  });
});

describe('what ECS is sent to destroy a workbench', () => {
  test('is the stop, a purge by the same definition with another command, and the removal, in that order', async () => {
    const wid = await created();
    await destroyed(wid);
    const changes = wire.calls
      .map(({ call }) => call)
      .filter((call) => !/^(List|Describe|GET |logs:Describe)/.test(call));
    const tags = `POST /2015-02-01/resource-tags/fsap-${wid}`;
    expect(changes.filter((call) => call !== tags)).toEqual([
      'POST /2015-02-01/access-points',
      'RegisterTaskDefinition',
      'RunTask',
      'StopTask',
      'RunTask',
      'DeregisterTaskDefinition',
      'DeleteTaskDefinitions',
      // Of the task, and of the purge.
      'logs:DeleteLogStream',
      'logs:DeleteLogStream',
      `DELETE /2015-02-01/access-points/fsap-${wid}`,
    ]);
    expect(changes.indexOf('StopTask')).toBeGreaterThan(changes.indexOf(tags));
    const [, purge] = wire.bodiesOf('RunTask');
    expect(purge).toMatchObject({
      taskDefinition: `workbench-${wid}:1`,
      clientToken: `${wid}-purge-1-1`,
      overrides: {
        containerOverrides: [{ name: 'workbench', command: [expect.stringContaining('$WORKBENCH_STORAGE')] }],
      },
    });
  });

  (awsModelsPresent() ? test : test.skip)('and all else that ECS was sent, is what its model takes', async () => {
    await destroyed(await created({ ECS_SECURITY_GROUPS: 'sg-1', WB_LOG_GROUP: 'g' }));
    const faults = wire.calls
      .filter(({ call }) => /^[A-Z][A-Za-z]+$/.test(call))
      .flatMap(({ call, body }) => checkShape('ecs', `${call}Request`, body));
    expect(faults).toEqual([]);
  });
});

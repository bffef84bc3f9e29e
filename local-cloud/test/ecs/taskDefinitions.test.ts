import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { definition, ecsFixture, run } from './ecsFixture.ts';

const efs = (config: Record<string, unknown>) =>
  definition({ volumes: [{ name: 'files', efsVolumeConfiguration: { fileSystemId: 'fs-1', ...config } }] });
const accessPoint = { authorizationConfig: { accessPointId: 'fsap-1' } };

describe('registering a task definition', () => {
  test('answers the first revision, active and with what AWS fills in', async () => {
    const { call } = ecsFixture();
    const { taskDefinition } = await call('RegisterTaskDefinition', definition({ memory: '2 GB', cpu: '1 vCPU' }));
    expect(taskDefinition).toMatchObject({
      taskDefinitionArn: 'arn:aws:ecs:us-west-1:000000000000:task-definition/wb-1:1',
      revision: 1,
      status: 'ACTIVE',
      cpu: '1024',
      memory: '2048',
      containerDefinitions: [
        { essential: true, portMappings: [{ containerPort: 3000, hostPort: 3000, protocol: 'tcp' }] },
      ],
    });
  });

  test.each([
    ['a size that Fargate lacks', definition({ memory: '1024' }), /No Fargate configuration exists/],
    ['Fargate without awsvpc', definition({ networkMode: 'bridge' }), /only supports network mode/],
    ['Fargate without memory', definition({ memory: undefined }), /'memory' be defined at the task level/],
    ['a family of forbidden characters', definition({ family: 'a b' }), /Family contains invalid characters/],
    ['a family of 256 characters', definition({ family: 'a'.repeat(256) }), /longer than 255/],
    ['a container without image', definition({}, { image: undefined }), /image should not be null/],
    [
      'an unknown volume',
      definition({}, { mountPoints: [{ sourceVolume: 'x', containerPath: '/x' }] }),
      /Unknown volume/,
    ],
    ['an access point without encryption', efs(accessPoint), /transit encryption must be enabled/],
    [
      'an access point with a root directory',
      efs({ ...accessPoint, transitEncryption: 'ENABLED', rootDirectory: '/a' }),
      /root directory must be omitted/,
    ],
    ['a tag with a comma', definition({ tags: [{ key: 'a', value: 'b,c' }] }), /invalid characters/],
    [
      '51 tags',
      definition({ tags: Array.from({ length: 51 }, (_, i) => ({ key: `k${i}`, value: '' })) }),
      /maximum number/,
    ],
    [
      "the host's processes on Fargate",
      definition({ pidMode: 'host' }),
      /do not support pidMode 'host'\. The supported/,
    ],
    [
      'ipcMode on Fargate',
      definition({ ipcMode: 'task' }),
      /^Tasks using the Fargate launch type do not support ipcMode\.$/,
    ],
    [
      'a GPU on Fargate',
      definition({}, { resourceRequirements: [{ type: 'GPU', value: '1' }] }),
      /do not support GPU resource requirements/,
    ],
    [
      'no GPUs',
      definition({ requiresCompatibilities: ['EC2'] }, { resourceRequirements: [{ type: 'GPU', value: '0' }] }),
      /Invalid value for resource type GPU/,
    ],
    [
      'an architecture that there isn’t',
      definition({ runtimePlatform: { cpuArchitecture: 'arm64' } }),
      /cpuArchitecture/,
    ],
    ['too little ephemeral storage', definition({ ephemeralStorage: { sizeInGiB: 20 } }), /sizeInGiB/],
    [
      'a size that instances don’t have',
      definition({ requiresCompatibilities: ['EC2'], cpu: '127' }),
      /between 128 and 196608/,
    ],
    ['a privileged container on Fargate', definition({}, { privileged: true }), /do not support privileged/],
    ['swap on Fargate', definition({}, { linuxParameters: { maxSwap: 1 } }), /do not support linuxParameters\.maxSwap/],
    [
      'a folder of the host on Fargate',
      definition({ volumes: [{ name: 'v', host: { sourcePath: '/' } }] }),
      /do not support host\.sourcePath/,
    ],
    [
      'a port as its container port',
      definition({}, { portMappings: [{ containerPort: 65_536 }] }),
      /^containerPort can/,
    ],
    ['an aws: tag', definition({ tags: [{ key: 'aws:x', value: '' }] }), /reserved/],
  ])('%s is refused', async (_what, request, message) => {
    const { call } = ecsFixture();
    await expect(call('RegisterTaskDefinition', request)).rejects.toMatchObject({
      name: 'ClientException',
      message: expect.stringMatching(message),
    });
  });
});

test('what Fargate can’t run is compatible with instances alone', async () => {
  const { call } = ecsFixture();
  const gpu = { resourceRequirements: [{ type: 'GPU', value: '1' }] };
  const compatibilities = async (request: object) =>
    (await call('RegisterTaskDefinition', { ...request, requiresCompatibilities: ['EC2'] })).taskDefinition
      .compatibilities;

  expect(await compatibilities(definition())).toEqual(['EC2', 'FARGATE']);
  expect(await compatibilities(definition({}, gpu))).toEqual(['EC2']);
  expect(await compatibilities(definition({ cpu: '3000', memory: '5000' }))).toEqual(['EC2']);
});

test('what Fargate does not have, instances may; and a pid namespace of the task is for both', async () => {
  const { call } = ecsFixture();
  const onInstances = definition({ requiresCompatibilities: ['EC2'], pidMode: 'host' }, { privileged: true });

  expect((await call('RegisterTaskDefinition', onInstances)).taskDefinition.pidMode).toBe('host');
  expect((await call('RegisterTaskDefinition', definition({ pidMode: 'task' }))).taskDefinition.pidMode).toBe('task');
});

describe('describing a task definition', () => {
  test('by family shows the latest active revision, with tags only when asked', async () => {
    const { call } = ecsFixture();
    await call('RegisterTaskDefinition', definition({ tags: [{ key: 'stack', value: 'one' }] }));
    await call('RegisterTaskDefinition', definition());
    await call('DeregisterTaskDefinition', { taskDefinition: 'wb-1:2' });

    const plain = await call('DescribeTaskDefinition', { taskDefinition: 'wb-1' });
    const tagged = await call('DescribeTaskDefinition', { taskDefinition: 'wb-1', include: ['TAGS'] });

    expect(plain.taskDefinition.revision).toBe(1);
    expect(plain).not.toHaveProperty('tags');
    expect(tagged.tags).toEqual([{ key: 'stack', value: 'one' }]);
  });

  test('of an unknown family is refused in AWS words', async () => {
    const { call } = ecsFixture();
    await expect(call('DescribeTaskDefinition', { taskDefinition: 'none' })).rejects.toMatchObject({
      name: 'ClientException',
      message: 'Unable to describe task definition.',
    });
  });
});

describe('deleting task definitions', () => {
  test('an active one fails, an inactive one is gone, and revisions count on', async () => {
    const { call } = ecsFixture();
    await call('RegisterTaskDefinition', definition());
    const early = await call('DeleteTaskDefinitions', { taskDefinitions: ['wb-1:1', 'wb-1:7'] });
    await call('DeregisterTaskDefinition', { taskDefinition: 'wb-1:1' });
    const late = await call('DeleteTaskDefinitions', { taskDefinitions: ['wb-1:1'] });

    expect(early.taskDefinitions).toEqual([]);
    expect(early.failures).toHaveLength(2);
    expect(late.taskDefinitions[0].status).toBe('DELETE_IN_PROGRESS');
    expect((await call('ListTaskDefinitionFamilies')).families).toEqual([]);
    expect((await call('RegisterTaskDefinition', definition())).taskDefinition.revision).toBe(2);
  });

  test('the revisions of the last ten thousand families that are gone are remembered, and of all that are not', async () => {
    const revisions = new Map([
      ['wb-0', 3],
      ...Array.from({ length: 10_000 }, (_, index) => [`gone-${index}`, 7] as const),
    ]);
    const { call } = ecsFixture({ revisions });
    await call('RegisterTaskDefinition', definition({ family: 'wb-0' }));
    await call('RegisterTaskDefinition', definition());
    await call('DeregisterTaskDefinition', { taskDefinition: 'wb-1:1' });
    await call('DeleteTaskDefinitions', { taskDefinitions: ['wb-1:1'] });

    expect(revisions.size).toBe(10_001);
    expect(['wb-0', 'gone-0', 'gone-1', 'wb-1'].map((family) => revisions.get(family))).toEqual([4, undefined, 7, 1]);
  });

  test('one in use stays DELETE_IN_PROGRESS until its task has ended', async () => {
    const { call } = ecsFixture();
    await call('RegisterTaskDefinition', definition());
    const { tasks } = await call('RunTask', run());
    await call('DeregisterTaskDefinition', { taskDefinition: 'wb-1:1' });
    await call('DeleteTaskDefinitions', { taskDefinitions: ['wb-1:1'] });

    const waiting = await call('ListTaskDefinitions', { status: 'DELETE_IN_PROGRESS' });
    await call('StopTask', { cluster: 'workbench', task: tasks[0].taskArn });

    expect(waiting.taskDefinitionArns).toHaveLength(1);
    await eventually(
      () => call('ListTaskDefinitions', { status: 'DELETE_IN_PROGRESS' }),
      ({ taskDefinitionArns }) => taskDefinitionArns.length === 0,
    );
  });

  test('without a revision, or eleven at once, is refused', async () => {
    const { call } = ecsFixture();
    const eleven = Array.from({ length: 11 }, (_, index) => `wb-1:${index + 1}`);
    for (const taskDefinitions of [['wb-1'], eleven]) {
      await expect(call('DeleteTaskDefinitions', { taskDefinitions })).rejects.toMatchObject({
        name: 'InvalidParameterException',
      });
    }
  });

  test('one that was being deleted when the local cloud ended is gone afterwards', async () => {
    const before = ecsFixture();
    await before.call('RegisterTaskDefinition', definition());
    await before.call('RunTask', run());
    await before.call('DeregisterTaskDefinition', { taskDefinition: 'wb-1:1' });
    await before.call('DeleteTaskDefinitions', { taskDefinitions: ['wb-1:1'] });
    ecsFixture({ taskDefinitions: before.taskDefinitions });
    expect(before.taskDefinitions.size).toBe(0);
  });
});

describe('listing task definitions', () => {
  test('goes by family and revision, in pages, in both directions', async () => {
    const { call } = ecsFixture();
    for (let index = 0; index < 11; index += 1) await call('RegisterTaskDefinition', definition({ family: 'b' }));
    await call('RegisterTaskDefinition', definition({ family: 'a' }));

    const first = await call('ListTaskDefinitions', { maxResults: 10 });
    const second = await call('ListTaskDefinitions', { maxResults: 10, nextToken: first.nextToken });
    const down = await call('ListTaskDefinitions', { sort: 'DESC', maxResults: 1 });
    const names = [...first.taskDefinitionArns, ...second.taskDefinitionArns].map((arn) => arn.split('/')[1]);

    expect(names).toEqual(['a:1', ...Array.from({ length: 11 }, (_, index) => `b:${index + 1}`)]);
    expect(second.nextToken).toBeUndefined();
    expect(down.taskDefinitionArns).toEqual([expect.stringMatching(/b:11$/)]);
    const filtered = await call('ListTaskDefinitions', { familyPrefix: 'a' });
    expect(filtered.taskDefinitionArns).toHaveLength(1);
  });

  test('families that have no active revision are the INACTIVE ones', async () => {
    const { call } = ecsFixture();
    await call('RegisterTaskDefinition', definition({ family: 'up' }));
    await call('RegisterTaskDefinition', definition({ family: 'down' }));
    await call('DeregisterTaskDefinition', { taskDefinition: 'down:1' });

    expect((await call('ListTaskDefinitionFamilies', { status: 'ACTIVE' })).families).toEqual(['up']);
    expect((await call('ListTaskDefinitionFamilies', { status: 'INACTIVE' })).families).toEqual(['down']);
    expect((await call('ListTaskDefinitionFamilies')).families).toEqual(['down', 'up']);
  });

  test('with a token of someone else is refused', async () => {
    const { call } = ecsFixture();
    await expect(call('ListTaskDefinitions', { nextToken: 'x' })).rejects.toMatchObject({ message: 'Invalid token.' });
  });
});

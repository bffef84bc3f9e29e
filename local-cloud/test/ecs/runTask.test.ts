import { describe, expect, test } from '@jest/globals';
import { createArns } from '../../src/ecs/arns.ts';
import { ClientTokens } from '../../src/ecs/ClientTokens.ts';
import { runTaskRequest } from '../../src/ecs/runTaskRequest.ts';
import type { StoredTaskDefinition } from '../../src/ecs/StoredTaskDefinition.ts';
import { createTask, type Task } from '../../src/ecs/Task.ts';
import { TaskStore } from '../../src/ecs/TaskStore.ts';
import { eventually } from '../support/eventually.ts';
import { definition, ecsFixture, run } from './ecsFixture.ts';

async function prepared(overrides: Parameters<typeof ecsFixture>[0] = {}) {
  const fixture = ecsFixture(overrides);
  await fixture.call('RegisterTaskDefinition', definition());
  return fixture;
}

function taskOf(id: string): Task {
  const { containerDefinitions, family } = definition();
  const stored = { family, containerDefinitions, taskDefinitionArn: 'wb-1:1' } as unknown as StoredTaskDefinition;
  const overrides = { containerOverrides: [], inferenceAcceleratorOverrides: [] };
  const plan = { id, sequence: id.length, definition: stored, overrides, clientToken: 'token', startedBy: undefined };
  return createTask(plan as unknown as Task, {});
}

function strategy(...capacityProviderStrategy: object[]): Record<string, unknown> {
  return { launchType: undefined, capacityProviderStrategy };
}

describe('RunTask', () => {
  test('answers the task PROVISIONING with its long ARN, group and network interface', async () => {
    const { call } = await prepared();
    const { tasks, failures } = await call('RunTask', run({ startedBy: 'wb/1', tags: [{ key: 'a', value: 'b' }] }));
    expect(failures).toEqual([]);
    expect(tasks[0]).toMatchObject({
      taskArn: expect.stringMatching(/^arn:aws:ecs:us-west-1:000000000000:task\/workbench\/[0-9a-f]{32}$/),
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      group: 'family:wb-1',
      startedBy: 'wb/1',
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      attachments: [{ type: 'ElasticNetworkInterface', details: [{ name: 'subnetId', value: 'subnet-1' }] }],
      tags: [{ key: 'a', value: 'b' }],
    });
  });

  test.each([
    ['an unknown cluster', { cluster: 'other' }, 'ClusterNotFoundException', /Cluster not found/],
    ['no cluster, which means default', { cluster: undefined }, 'ClusterNotFoundException', /Cluster not found/],
    ['an unknown task definition', { taskDefinition: 'none' }, 'ClientException', /^TaskDefinition not found\.$/],
    ['no network', { networkConfiguration: undefined }, 'InvalidParameterException', /Network Configuration must be/],
    [
      'an unknown subnet',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-9'] } } },
      'InvalidParameterException',
      /does not exist/,
    ],
    [
      'an unknown security group',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1', 'sg-9'] } } },
      'InvalidParameterException',
      /^Error retrieving security group information for \[sg-9\]: .* does not exist \(ErrorCode: InvalidGroup.NotFound\)$/,
    ],
    ['no launch type', { launchType: undefined }, 'InvalidParameterException', /^No Container Instances were found/],
    ['launch type EC2', { launchType: 'EC2' }, 'InvalidParameterException', /^No Container Instances were found/],
    ['launch type EXTERNAL', { launchType: 'EXTERNAL' }, 'InvalidParameterException', /^No Container Instances/],
    [
      'managed instances by launch type',
      { launchType: 'MANAGED_INSTANCES' },
      'InvalidParameterException',
      /capacityProviderStrategy/,
    ],
    ['an empty strategy', strategy(), 'InvalidParameterException', /^No Container Instances were found/],
    [
      'a capacity provider that the cluster does not have',
      strategy({ capacityProvider: 'FARGATE' }, { capacityProvider: 'FARGAET_SPOT', weight: 1 }),
      'InvalidParameterException',
      /^The specified capacity provider strategy cannot contain a capacity provider that is not associated with/,
    ],
    [
      'capacity providers that all have no weight',
      strategy({ capacityProvider: 'FARGATE' }, { capacityProvider: 'FARGATE_SPOT' }),
      'InvalidParameterException',
      /weight greater than zero/,
    ],
    [
      'two bases',
      strategy(
        { capacityProvider: 'FARGATE', base: 1, weight: 1 },
        { capacityProvider: 'FARGATE_SPOT', base: 1, weight: 1 },
      ),
      'InvalidParameterException',
      /Only one/,
    ],
    [
      'a reserved tag value',
      { tags: [{ key: 'user', value: 'AWS:me' }] },
      'InvalidParameterException',
      /^Tag values must not begin with aws:/,
    ],
    [
      'a tag with a comma',
      { tags: [{ key: 'user', value: 'a,b' }] },
      'InvalidParameterException',
      /^Some tags contain invalid characters. Valid characters: UTF-8 letters, spaces, numbers and _ . \/ = \+ - : @\.$/,
    ],
    ['eleven tasks', { count: 11 }, 'InvalidParameterException', /between 1 and 10/],
    [
      'startedBy with a blank',
      { startedBy: 'a b' },
      'InvalidParameterException',
      /^startedBy contains invalid characters\.$/,
    ],
    ['startedBy of 129', { startedBy: 'a'.repeat(129) }, 'InvalidParameterException', /^startedBy longer than 128\.$/],
    [
      'no task definition',
      { taskDefinition: undefined },
      'InvalidParameterException',
      /^Task definition can not be blank/,
    ],
    [
      'an unknown launch type',
      { launchType: 'SERVERLESS' },
      'InvalidParameterException',
      /^launchType should be one of \[EC2,FARGATE,EXTERNAL,MANAGED_INSTANCES\]$/,
    ],
    [
      'text as its count',
      { count: '1' },
      'SerializationException',
      /^STRING_VALUE can not be converted to a\w* Number$/,
    ],

    [
      'a token of 65 characters',
      { clientToken: 'a'.repeat(65) },
      'InvalidParameterException',
      /^clientToken longer than 64\.$/,
    ],
    [
      'launch type and strategy',
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] },
      'InvalidParameterException',
      /both a launch type and capacity provider/,
    ],
    [
      'an override for nobody',
      { overrides: { containerOverrides: [{ name: 'other' }] } },
      'InvalidParameterException',
      /not a container in the TaskDefinition/,
    ],
    [
      'overrides over 8,192 characters',
      { overrides: { containerOverrides: [{ name: 'workbench', command: ['x'.repeat(8_192)] }] } },
      'InvalidParameterException',
      /8192/,
    ],
    ['a size that Fargate lacks', { overrides: { memory: '512' } }, 'ClientException', /No Fargate configuration/],
    ['an unknown platform', { platformVersion: '9.9' }, 'PlatformUnknownException', /does not exist/],
  ])('with %s is refused', async (_what, members, name, message) => {
    const { call } = await prepared();
    await expect(call('RunTask', run({ ...members }))).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  test('by one provider without a weight, or by one of instances that is associated, runs', async () => {
    const { call } = await prepared({ capacityProviders: ['FARGATE_SPOT', 'my-instances'] });
    const spot = await call('RunTask', run(strategy({ capacityProvider: 'FARGATE_SPOT' })));
    const own = await call('RunTask', run(strategy({ capacityProvider: 'my-instances', weight: 1 })));

    expect(spot.tasks[0]).toMatchObject({ launchType: 'FARGATE', capacityProviderName: 'FARGATE_SPOT' });
    expect(own.tasks[0]).toMatchObject({ launchType: 'EC2', capacityProviderName: 'my-instances' });
  });

  test('is in the zone of its subnet', async () => {
    const { call } = await prepared();
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-2'], securityGroups: ['sg-1'] } };
    expect((await call('RunTask', run())).tasks[0].availabilityZone).toBe('us-west-1a');
    expect((await call('RunTask', run({ networkConfiguration }))).tasks[0].availabilityZone).toBe('us-west-1b');
  });

  test('of an inactive revision is refused', async () => {
    const { call } = await prepared();
    await call('DeregisterTaskDefinition', { taskDefinition: 'wb-1:1' });
    await expect(call('RunTask', run({ taskDefinition: 'wb-1:1' }))).rejects.toMatchObject({
      message: 'TaskDefinition is inactive',
    });
  });

  test('by a Spot strategy names the provider', async () => {
    const { call } = await prepared();
    const capacityProviderStrategy = [{ capacityProvider: 'FARGATE' }, { capacityProvider: 'FARGATE_SPOT', weight: 4 }];
    const { tasks } = await call('RunTask', run({ launchType: undefined, capacityProviderStrategy }));
    expect(tasks[0]).toMatchObject({ launchType: 'FARGATE', capacityProviderName: 'FARGATE_SPOT' });
  });
});

describe('a client token', () => {
  const request = run({ clientToken: 'wb-1-1', startedBy: 'one' });

  test('used again with the same parameters answers the same task', async () => {
    const { call } = await prepared();
    const first = await call('RunTask', request);
    const second = await call('RunTask', request);
    expect(second.tasks.map((task: { taskArn: string }) => task.taskArn)).toEqual([first.tasks[0].taskArn]);
    expect((await call('ListTasks', { cluster: 'workbench' })).taskArns).toHaveLength(1);
  });

  test('used with other parameters is a conflict that names the task', async () => {
    const { call } = await prepared();
    const { tasks } = await call('RunTask', request);
    await expect(call('RunTask', { ...request, startedBy: 'two' })).rejects.toMatchObject({
      name: 'ConflictException',
      members: { resourceIds: [tasks[0].taskArn] },
    });
  });

  test('of a stopped task answers its ARN and statuses only, and an hour later starts another', async () => {
    const { call, task, clock } = await prepared();
    const { tasks } = await call('RunTask', request);
    const taskArn = tasks[0].taskArn;
    await call('StopTask', { cluster: 'workbench', task: taskArn });
    await eventually(
      () => task(taskArn),
      ({ lastStatus }) => lastStatus === 'STOPPED',
    );

    expect((await call('RunTask', request)).tasks).toEqual([
      { taskArn, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' },
    ]);
    clock.now += 60 * 60 * 1000;
    expect((await call('RunTask', request)).tasks[0].taskArn).not.toBe(taskArn);
  });

  test('of a running task is forgotten after a day', async () => {
    const { call, clock } = await prepared();
    await call('RunTask', request);
    clock.now += 24 * 60 * 60 * 1000;
    await call('RunTask', request);
    expect((await call('ListTasks', { cluster: 'workbench' })).taskArns).toHaveLength(2);
  });

  test('is let go of an hour after the end of its last task, asked about or not', async () => {
    const clock = { now: 0 };
    const tasks = new TaskStore(() => clock.now);
    const tokens = new ClientTokens(tasks, createArns('us-west-1', '0', 'c'), () => clock.now);
    const ended = ['one', 'two', 'three'].map((id) => taskOf(id));
    for (const task of ended) tasks.add(task);
    const launch = { taskIds: ended.map(({ id }) => id), failures: [] };
    tokens.keep(runTaskRequest.parse({ taskDefinition: 'wb-1', clientToken: 'token' }), launch);

    const sizes: number[] = [];
    for (const task of ended) {
      task.stoppedAt = clock.now;
      tasks.ended(task);
      clock.now += 60 * 60 * 1000;
      tasks.list({});
      sizes.push(tokens.size);
    }

    expect(sizes).toEqual([1, 1, 0]);
  });

  test('replays a failure, though there would be room by now', async () => {
    const { call, capacity } = await prepared();
    capacity.tasks = 0;
    const refused = await call('RunTask', request);
    capacity.tasks = 5;
    expect(refused.failures[0].reason).toMatch(/^Capacity is unavailable at this time/);
    expect(await call('RunTask', request)).toEqual(refused);
    expect((await call('RunTask', { ...request, clientToken: 'wb-1-2' })).tasks).toHaveLength(1);
  });
});

describe('capacity', () => {
  test.each([
    ['vcpu', { vcpu: 2 }, 'RESOURCE:CPU'],
    ['memory', { memoryMiB: 4096 }, 'RESOURCE:MEMORY'],
  ])('of %s used up fails the tasks that do not fit, and comes back when one ends', async (_what, limit, reason) => {
    const { call, capacity } = await prepared();
    Object.assign(capacity, limit);
    const { tasks, failures } = await call('RunTask', run({ count: 3 }));
    expect(tasks).toHaveLength(2);
    expect(failures).toEqual([{ reason }]);

    await call('StopTask', { cluster: 'workbench', task: tasks[0].taskArn });
    await eventually(
      () => call('RunTask', run()),
      (answer) => answer.tasks.length === 1,
    );
  });
});

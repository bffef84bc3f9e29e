import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../src/awsError.ts';
import {
  type ContainerExit,
  type ContainerRuntime,
  type ContainerSpec,
  ContainerStartError,
} from '../../src/runtime/ContainerRuntime.ts';
import { createIdleRuntime } from '../../src/runtime/idleRuntime.ts';
import { instantTiming } from '../../src/timing.ts';
import { eventually } from '../support/eventually.ts';
import { definition, ecsFixture, run } from './ecsFixture.ts';

/** A runtime whose containers end when the test says so. */
function scriptedRuntime(members: Partial<ContainerRuntime> = {}) {
  const specs: ContainerSpec[] = [];
  let end: (exit: ContainerExit) => void = () => {};
  const exited = new Promise<ContainerExit>((resolve) => {
    end = resolve;
  });
  const runtime: ContainerRuntime = {
    async open() {},
    async prepare() {},
    async start(spec) {
      specs.push(spec);
      return {
        runtimeId: 'one',
        ports: [{ containerPort: 3000, hostPort: 45_678 }],
        health: () => 'HEALTHY',
        exited,
        stop: async () => end({ exitCode: 143, reason: undefined }),
      };
    },
    close: async () => end({ exitCode: 143, reason: undefined }),
    ...members,
  };
  return { runtime, specs, end: (exit: ContainerExit) => end(exit) };
}

async function started(
  overrides: Parameters<typeof ecsFixture>[0],
  container: Record<string, unknown> = {},
  members: Record<string, unknown> = {},
) {
  const fixture = ecsFixture(overrides);
  await fixture.call('RegisterTaskDefinition', definition(members, container));
  const { tasks } = await fixture.call('RunTask', run());
  const arn: string = tasks[0].taskArn;
  const reach = (status: string) =>
    eventually(
      () => fixture.task(arn),
      (task) => task?.lastStatus === status,
    );
  return { ...fixture, arn, reach };
}

const volumes = [
  {
    name: 'files',
    efsVolumeConfiguration: {
      fileSystemId: 'fs-1',
      transitEncryption: 'ENABLED',
      authorizationConfig: { accessPointId: 'fsap-1' },
    },
  },
];
const mountPoints = [{ sourceVolume: 'files', containerPath: '/efs' }];

describe('a running task', () => {
  test('shows where its port really is, its health and its times in seconds', async () => {
    const { reach } = await started({ runtime: scriptedRuntime().runtime });
    const task = await reach('RUNNING');
    expect(task).toMatchObject({
      desiredStatus: 'RUNNING',
      connectivity: 'CONNECTED',
      healthStatus: 'HEALTHY',
      createdAt: 1_750_000_000,
      pullStartedAt: 1_750_000_000,
      pullStoppedAt: 1_750_000_000,
      startedAt: 1_750_000_000,
    });
    expect(task.attachments[0].details).toContainEqual({ name: 'privateIPv4Address', value: '127.0.0.1' });
    expect(task.containers[0]).toMatchObject({
      lastStatus: 'RUNNING',
      networkBindings: [{ bindIP: '127.0.0.1', containerPort: 3000, hostPort: 45_678, protocol: 'tcp' }],
      networkInterfaces: [{ privateIpv4Address: '127.0.0.1' }],
    });
  });

  test('has its mounts, its user and the overrides over the task definition', async () => {
    const { runtime, specs } = scriptedRuntime();
    const mountSource = (...names: unknown[]) => ({ folder: `/${names.join('+')}`, user: { uid: 7, gid: 8 } });
    const container = { mountPoints, command: ['one'], environment: [{ name: 'A', value: '1' }] };
    const { call } = ecsFixture({ runtime, mountSource });
    await call('RegisterTaskDefinition', definition({ volumes }, container));
    const containerOverrides = [{ name: 'workbench', command: ['two'], environment: [{ name: 'B', value: '2' }] }];
    await call('RunTask', run({ overrides: { containerOverrides, cpu: '2048', memory: '4096' } }));

    const [spec] = await eventually(
      () => specs,
      ({ length }) => length > 0,
    );

    expect(spec).toMatchObject({
      mounts: [{ source: '/fs-1+fsap-1+/', containerPath: '/efs', readOnly: false }],
      user: { uid: 7, gid: 8 },
      command: ['two'],
      environment: { A: '1', B: '2' },
      cpu: 2048,
      memoryMiB: 4096,
    });
  });

  test('passes every state in order, with its version counting up', async () => {
    const seen = new Map<string, number>();
    const look = () => {
      for (const { lastStatus, version } of fixture.ecs.tasks()) {
        if (!seen.has(lastStatus)) seen.set(lastStatus, version);
      }
    };
    // Looked at whenever it is asked how long a state lasts: no look comes too late.
    const timing = {
      get current() {
        look();
        return instantTiming;
      },
    };
    const fixture = ecsFixture({ timing });
    await fixture.call('RegisterTaskDefinition', definition());
    const { tasks } = await fixture.call('RunTask', run());
    const reach = async (status: string) => {
      await eventually(
        () => fixture.task(tasks[0].taskArn),
        ({ lastStatus }) => lastStatus === status,
      );
      look();
    };
    await reach('RUNNING');
    await fixture.call('StopTask', { cluster: 'workbench', task: tasks[0].taskArn });
    await reach('STOPPED');

    const states = ['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING', 'DEACTIVATING', 'DEPROVISIONING', 'STOPPED'];
    expect([...seen.keys()]).toEqual(states);
    const versions = [...seen.values()];
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });
});

describe('a task that ends', () => {
  test('on request, is UserInitiated with the reason given, and loses its tags', async () => {
    const { call, arn, reach } = await started({ runtime: scriptedRuntime().runtime });
    await reach('RUNNING');
    await call('TagResource', { resourceArn: arn, tags: [{ key: 'a', value: 'b' }] });
    const { task } = await call('StopTask', { cluster: 'workbench', task: arn, reason: 'enough' });
    const stopped = await reach('STOPPED');
    expect(task.desiredStatus).toBe('STOPPED');
    expect(stopped).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough', healthStatus: 'HEALTHY' });
    expect(stopped.containers[0]).toMatchObject({ lastStatus: 'STOPPED', exitCode: 143 });
    expect((await call('ListTagsForResource', { resourceArn: arn })).tags).toEqual([]);
  });

  test('by itself, is EssentialContainerExited with its exit code and the reason', async () => {
    const { runtime, end } = scriptedRuntime();
    const { reach } = await started({ runtime });
    await reach('RUNNING');
    end({ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' });
    const task = await reach('STOPPED');
    expect(task).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      executionStoppedAt: 1_750_000_000,
    });
    expect(task.containers[0]).toMatchObject({ exitCode: 137, reason: expect.stringMatching(/^OutOfMemoryError/) });
  });

  test('because its image cannot be pulled, is TaskFailedToStart and never ran', async () => {
    const { runtime, specs } = scriptedRuntime({
      prepare: () => Promise.reject(new ContainerStartError('CannotPullContainerError: no such image')),
    });
    const { reach } = await started({ runtime });
    const task = await reach('STOPPED');
    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'CannotPullContainerError: no such image',
    });
    expect(task).not.toHaveProperty('startedAt');
    expect(specs).toEqual([]);
  });

  test('because its access point is missing, is TaskFailedToStart in the words of EFS', async () => {
    const mountSource = () => {
      throw new AwsError('AccessPointNotFound', 'Access point fsap-1 does not exist', 404);
    };
    const { reach } = await started({ mountSource }, { mountPoints }, { volumes });
    expect(await reach('STOPPED')).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason:
        'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: Access point fsap-1 does not exist',
    });
  });

  test('because Spot takes it back, says so', async () => {
    const { ecs, arn, reach } = await started({});
    await reach('RUNNING');
    ecs.stopTaskAs(arn, 'SpotInterruption', 'Your Spot Task was interrupted.');
    expect(await reach('STOPPED')).toMatchObject({ stopCode: 'SpotInterruption' });
  });

  test('while its image is being pulled, ends without starting a container', async () => {
    const { runtime, specs } = scriptedRuntime({ prepare: () => new Promise(() => {}) });
    const { call, arn, reach } = await started({ runtime });
    await reach('PENDING');
    await call('StopTask', { cluster: 'workbench', task: arn });
    expect(await reach('STOPPED')).toMatchObject({ stopCode: 'UserInitiated' });
    expect(specs).toEqual([]);
  });
});

describe('closing', () => {
  test('ends every task at once, however long its states are', async () => {
    const fixture = ecsFixture();
    fixture.timing.current = { ...instantTiming, provisioningMs: 3_600_000, deprovisioningMs: 3_600_000 };
    await fixture.call('RegisterTaskDefinition', definition());
    const { tasks } = await fixture.call('RunTask', run());
    await fixture.ecs.close();
    expect(await fixture.task(tasks[0].taskArn)).toMatchObject({ lastStatus: 'STOPPED' });
  });
});

describe('what is seen of tasks', () => {
  test('a task is MISSING for a while after RunTask, and can be stopped meanwhile', async () => {
    const fixture = ecsFixture();
    fixture.timing.current = { ...instantTiming, visibilityMs: 1_000 };
    await fixture.call('RegisterTaskDefinition', definition());
    const { tasks } = await fixture.call('RunTask', run());
    const query = { cluster: 'workbench', tasks: [tasks[0].taskArn] };

    expect(await fixture.call('DescribeTasks', query)).toEqual({
      tasks: [],
      failures: [{ arn: tasks[0].taskArn, reason: 'MISSING' }],
    });
    expect((await fixture.call('ListTasks', { cluster: 'workbench' })).taskArns).toEqual([]);
    await fixture.call('StopTask', { cluster: 'workbench', task: tasks[0].taskArn });
    fixture.clock.now += 1_000;
    expect((await fixture.call('DescribeTasks', query)).tasks).toHaveLength(1);
  });

  test('a stopped task answers StopTask unchanged, and is forgotten after an hour', async () => {
    const { call, arn, reach, clock } = await started({});
    await call('StopTask', { cluster: 'workbench', task: arn, reason: 'first' });
    await reach('STOPPED');
    const again = await call('StopTask', { cluster: 'workbench', task: arn, reason: 'second' });
    clock.now += 60 * 60 * 1000;
    const { failures } = await call('DescribeTasks', { cluster: 'workbench', tasks: [arn] });

    expect(again.task).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'first' });
    expect(failures).toEqual([{ arn, reason: 'MISSING' }]);
    await expect(call('StopTask', { cluster: 'workbench', task: arn })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'The referenced task was not found.',
    });
  });

  const arnOf = (path: string) => `arn:aws:ecs:us-west-1:000000000000:${path}`;
  const unknown = 'f'.repeat(32);

  test.each([
    ['None', 'taskId length should be one of [32,36]'],
    [unknown.slice(1), 'taskId length should be one of [32,36]'],
    ['x'.repeat(37), 'taskId length should be one of [32,36]'],
    [arnOf('task/workbench/None'), 'taskId length should be one of [32,36]'],
    [`${'f'.repeat(31)} `, 'taskId contains invalid characters.'],
    [arnOf(`task/other/${unknown}`), 'Invalid identifier: Identifier is for cluster other. Your cluster is workbench'],
    [arnOf('cluster/workbench'), 'Unsupported resource type: cluster'],
    ['arn:aws:efs', 'Task Identifier is invalid'],
  ])('of all tasks asked for, none is shown where one has an id like %s', async (malformed, message) => {
    const { call, arn, reach } = await started({});
    await reach('RUNNING');
    const refusal = { name: 'InvalidParameterException', message };

    await expect(call('DescribeTasks', { cluster: 'workbench', tasks: [arn, malformed] })).rejects.toMatchObject(
      refusal,
    );
    await expect(call('StopTask', { cluster: 'workbench', task: malformed })).rejects.toMatchObject(refusal);
  });

  test('an id that is well formed, with dashes or without, in a long ARN or a short one, may be MISSING', async () => {
    const { call } = ecsFixture();
    const dashed = '01234567-89ab-cdef-0123-456789abcdef';
    const tasks = [unknown, dashed, arnOf(`task/workbench/${unknown}`), arnOf(`task/${unknown}`)];

    const { failures } = await call('DescribeTasks', { cluster: 'workbench', tasks });

    const arns = [unknown, dashed, unknown, unknown].map((id) => arnOf(`task/workbench/${id}`));
    expect(failures).toEqual(arns.map((arn) => ({ arn, reason: 'MISSING' })));
  });

  test('ListTasks shows what is meant to run, unless asked for what is meant to stop', async () => {
    const { call, arn, reach } = await started({});
    await call('StopTask', { cluster: 'workbench', task: arn });
    await reach('STOPPED');
    const list = async (filter: object) => (await call('ListTasks', { cluster: 'workbench', ...filter })).taskArns;
    expect(await list({ family: 'wb-1' })).toEqual([]);
    expect(await list({ desiredStatus: 'PENDING' })).toEqual([]);
    expect(await list({ family: 'wb-1', desiredStatus: 'STOPPED' })).toEqual([arn]);
    expect(await list({ family: 'wb', desiredStatus: 'STOPPED' })).toEqual([]);
    await expect(list({ startedBy: 'a', family: 'wb-1' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('10,000 tasks are listed in pages without gaps and described', async () => {
    const { call, ecs } = ecsFixture({ runtime: createIdleRuntime() });
    await call('RegisterTaskDefinition', definition());
    const request = run({ count: 10, startedBy: 'many' });
    for (let index = 0; index < 1_000; index += 1) await ecs.operations['RunTask']?.(request);

    const arns: string[] = [];
    let nextToken: string | undefined;
    do {
      const page: unknown = await ecs.operations['ListTasks']?.({ cluster: 'workbench', startedBy: 'many', nextToken });
      const { taskArns, nextToken: next } = page as { taskArns: string[]; nextToken: string | undefined };
      await ecs.operations['DescribeTasks']?.({ cluster: 'workbench', tasks: taskArns });
      arns.push(...taskArns);
      nextToken = next;
    } while (nextToken !== undefined);

    expect(new Set(arns).size).toBe(10_000);
  });
});

import type { Task as EcsTask } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { taskFromEcs } from '../../src/aws/taskFromEcs.ts';

const wid = '0123456789abcdef0';
const arn = 'arn:aws:ecs:us-east-1:000000000000';
const running: EcsTask = {
  taskArn: `${arn}:task/default/5a1f`,
  taskDefinitionArn: `${arn}:task-definition/workbench-${wid}:3`,
  lastStatus: 'RUNNING',
  desiredStatus: 'RUNNING',
  containers: [{ name: 'workbench', networkBindings: [], networkInterfaces: [{ privateIpv4Address: '10.0.0.7' }] }],
  attachments: [{ type: 'ElasticNetworkInterface', details: [{ name: 'privateIPv4Address', value: '10.0.0.8' }] }],
};
const read = (changes: EcsTask) => taskFromEcs({ ...running, ...changes }, 'workbench', 3000);

describe('a task of ECS', () => {
  test('that runs is read with its id, workbench, status and address', () => {
    expect(read({})).toEqual({
      id: '5a1f',
      workbenchId: wid,
      status: 'running',
      toStop: false,
      purge: false,
      address: { host: '10.0.0.7', port: 3000 },
      times: { createdAt: undefined, connectivityAt: undefined, pullStartedAt: undefined, pullStoppedAt: undefined },
      end: undefined,
    });
  });

  test('on its way up is read with the times that ECS gives', () => {
    const pullStartedAt = new Date(3);
    expect(read({ createdAt: new Date(1), connectivityAt: new Date(2), pullStartedAt }).times).toEqual({
      createdAt: 1,
      connectivityAt: 2,
      pullStartedAt: 3,
      pullStoppedAt: undefined,
    });
  });

  test.each([
    ['its network interface alone', { containers: [{ name: 'workbench' }] }, { host: '10.0.0.8', port: 3000 }],
    [
      'a port of its host',
      {
        containers: [
          { name: 'workbench', networkBindings: [{ bindIP: '127.0.0.1', containerPort: 3000, hostPort: 40123 }] },
        ],
      },
      { host: '127.0.0.1', port: 40123 },
    ],
    [
      'another container’s port',
      {
        containers: [
          { name: 'workbench', networkBindings: [{ bindIP: '127.0.0.1', containerPort: 22, hostPort: 40123 }] },
        ],
      },
      { host: '10.0.0.8', port: 3000 },
    ],
    ['no address yet', { containers: [], attachments: [] }, undefined],
    [
      'a sidecar first',
      {
        containers: [
          { name: 'proxy', networkInterfaces: [{ privateIpv4Address: '10.9.9.9' }] },
          ...(running.containers ?? []),
        ],
      },
      { host: '10.0.0.7', port: 3000 },
    ],
  ])('with %s is reached there', (_kind, changes, address) => {
    expect(read(changes).address).toEqual(address);
  });

  test.each([
    ['another stack', 'other-0123456789abcdef0:1'],
    ['a stack whose name begins with ours', 'workbench-two-0123456789abcdef0:1'],
    ['no workbench', 'workbench-web:1'],
    ['nothing', undefined],
  ])('whose family is that of %s is no workbench’s', (_kind, family) => {
    const changes = family ? { taskDefinitionArn: `${arn}:task-definition/${family}` } : {};
    const { taskDefinitionArn: _own, ...rest } = running;
    expect(taskFromEcs({ ...rest, ...changes }, 'workbench', 3000).workbenchId).toBeUndefined();
  });

  test('that is told to stop says so', () => {
    expect(read({ desiredStatus: 'STOPPED', lastStatus: 'RUNNING' })).toMatchObject({
      toStop: true,
      status: 'running',
    });
  });

  test.each([
    ['a purge, its command overridden', [{ name: 'workbench', command: ['x'] }], true],
    ['a workbench, as ECS names its containers without overrides', [{ name: 'workbench' }], false],
    ['a workbench with an empty command', [{ name: 'workbench', command: [] }], false],
  ])('is known as %s', (_kind, containerOverrides, purge) => {
    expect(read({ overrides: { containerOverrides } }).purge).toBe(purge);
  });

  test('that has ended says how', () => {
    const containers = [{ name: 'workbench', exitCode: 137, reason: 'OutOfMemoryError' }];
    const ended = {
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'why',
      containers,
    } as const;
    expect(read(ended).end).toEqual({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'why',
      exitCode: 137,
      containerReason: 'OutOfMemoryError',
    });
  });

  test('that ECS replays, as ARN and statuses only, is read', () => {
    const { taskArn, taskDefinitionArn } = running;
    const replayed = { taskArn, taskDefinitionArn, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' } as EcsTask;
    expect(taskFromEcs(replayed, 'workbench', 3000)).toMatchObject({ id: '5a1f', status: 'stopped', purge: false });
  });
});

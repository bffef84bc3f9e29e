import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  DescribeTaskDefinitionCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  waitUntilTasksRunning,
} from '@aws-sdk/client-ecs';
import { CreateAccessPointCommand, DescribeAccessPointsCommand, DescribeFileSystemsCommand } from '@aws-sdk/client-efs';
import { describe, expect, test } from '@jest/globals';
import { listen } from '../src/listen.ts';
import { instantTiming } from '../src/timing.ts';
import { PATIENCE_MS } from './support/eventually.ts';
import { startTestCloud } from './support/startTestCloud.ts';

describe('a local cloud that is started again', () => {
  test('has its access points, their order, tags and tokens, and its file system with its date', async () => {
    const first = await startTestCloud();
    const { fileSystemId: FileSystemId } = first.cloud;
    for (const ClientToken of ['b', 'a']) {
      const Tags = [{ Key: 'k', Value: ClientToken }];
      await first.efs.send(new CreateAccessPointCommand({ FileSystemId, ClientToken, Tags }));
    }
    const { AccessPoints } = await first.efs.send(new DescribeAccessPointsCommand({ FileSystemId }));
    const { FileSystems } = await first.efs.send(new DescribeFileSystemsCommand({}));

    await using second = await first.restart();

    const after = await second.efs.send(new DescribeAccessPointsCommand({ FileSystemId }));
    expect(after.AccessPoints).toEqual(AccessPoints);
    expect((await second.efs.send(new DescribeFileSystemsCommand({}))).FileSystems).toEqual(FileSystems);
    await expect(
      second.efs.send(new CreateAccessPointCommand({ FileSystemId, ClientToken: 'a' })),
    ).rejects.toMatchObject({ name: 'AccessPointAlreadyExists', AccessPointId: AccessPoints?.[1]?.AccessPointId });
  });

  test('has forgotten its calls and faults', async () => {
    const first = await startTestCloud();
    first.cloud.setFaults([{ operation: '*', kind: 'throttle' }]);
    await expect(first.efs.send(new DescribeFileSystemsCommand({}))).rejects.toThrow('Rate exceeded');

    await using second = await first.restart();

    expect(second.cloud.calls()).toEqual({});
    await second.efs.send(new DescribeFileSystemsCommand({}));
  });
});

describe('the directory', () => {
  test('in use by another local cloud is refused, naming directory and process, and the other one goes on', async () => {
    await using first = await startTestCloud();

    await expect(startTestCloud({ dir: first.dir })).rejects.toThrow(
      `${first.dir} is in use by another local cloud (process ${process.pid})`,
    );
    await first.efs.send(new DescribeFileSystemsCommand({}));
    await expect(startTestCloud({ dir: first.dir })).rejects.toThrow('in use');
  });

  test.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 30, startedAt: '1' })],
    ['of an earlier process with the id of a live one', JSON.stringify({ pid: process.pid, startedAt: 'before' })],
    ['that is not readable', '{"pid"'],
  ])('with a lock %s is taken over, and nothing of the lock is left at the end', async (_case, lock) => {
    const first = await startTestCloud();
    await first.cloud.close();
    writeFileSync(join(first.dir, 'lock'), lock);

    await using second = await first.restart();

    expect(JSON.parse(readFileSync(join(second.dir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await second.cloud.close();
    expect(readdirSync(second.dir).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  test('is free again when the port was taken', async () => {
    const other = createServer();
    const port = await listen(other, 0, '127.0.0.1');
    const first = await startTestCloud();
    await first.cloud.close();

    await expect(startTestCloud({ dir: first.dir, port })).rejects.toThrow('EADDRINUSE');
    await new Promise((resolve) => other.close(resolve));

    await using second = await first.restart({ port });
    expect(second.cloud.url).toBe(`http://127.0.0.1:${port}`);
  });
});

test('closing ends connections that wait for an answer, and can be asked for twice', async () => {
  let heard = () => {};
  const arrived = new Promise<void>((resolve) => {
    heard = resolve;
  });
  await using local = await startTestCloud({ onCall: () => heard() });
  local.cloud.setFaults([{ operation: 'DescribeFileSystems', kind: 'timeout', when: 'after' }]);
  const answer = local.efs.send(new DescribeFileSystemsCommand({})).then(
    () => 'answered',
    () => 'cut off',
  );
  await arrived;

  await Promise.all([local.cloud.close(), local.cloud.close()]);

  expect(await answer).toBe('cut off');
});

test('faults, counts and timing are at hand in the process too', async () => {
  await using local = await startTestCloud();
  const ask = () => local.efs.send(new DescribeFileSystemsCommand({}));

  expect(() => local.cloud.setFaults([{ operation: 'Nothing', kind: 'throttle' }])).toThrow('not an operation');
  local.cloud.setFaults([{ operation: 'DescribeFileSystems', kind: 'error', code: 'BadRequest' }]);
  await expect(ask()).rejects.toMatchObject({ name: 'BadRequest' });
  local.cloud.clearFaults();
  await ask();

  expect(local.cloud.calls()).toEqual({ DescribeFileSystems: { BadRequest: 1, ok: 1 } });
  local.cloud.clearCalls();
  expect(local.cloud.calls()).toEqual({});
  expect(local.cloud.changeTiming({ pendingMs: 3 })).toEqual({ ...instantTiming, pendingMs: 3 });
});

test('10,000 access points start up again and are listed by pages of 1,000', async () => {
  const first = await startTestCloud();
  const { fileSystemId: FileSystemId } = first.cloud;
  await first.cloud.close();
  const lines = Array.from({ length: 10_000 }, (_, n) => {
    const id = `fsap-${n.toString(16).padStart(17, '0')}`;
    const tags = [{ Key: 'k', Value: 'v' }];
    const rootDirectory = { Path: `/w/${n}` };
    return JSON.stringify([
      id,
      { id, sequence: n + 1, fileSystemId: FileSystemId, clientToken: id, rootDirectory, tags },
    ]);
  });
  writeFileSync(join(first.dir, 'state', 'access-points.jsonl'), `${lines.join('\n')}\n`);
  await using local = await first.restart();

  const ids = new Set<string>();
  for (let url = `?MaxResults=1000`; url !== ''; ) {
    const answer = await fetch(`${local.cloud.url}/2015-02-01/access-points${url}&FileSystemId=${FileSystemId}`);
    const page = (await answer.json()) as { AccessPoints: { AccessPointId: string }[]; NextToken?: string };
    for (const { AccessPointId } of page.AccessPoints) ids.add(AccessPointId);
    url = page.NextToken === undefined ? '' : `?MaxResults=1000&NextToken=${encodeURIComponent(page.NextToken)}`;
  }

  expect(ids.size).toBe(10_000);
  // The quota counts those that were there before.
  await expect(
    local.efs.send(new CreateAccessPointCommand({ FileSystemId, ClientToken: 'one more' })),
  ).rejects.toMatchObject({ name: 'AccessPointLimitExceeded' });
});

test('a task mounts an access point: its directory is made by then; its task definition outlives a restart', async () => {
  const first = await startTestCloud();
  const { cluster, subnets, fileSystemId: FileSystemId } = first.cloud;
  const { AccessPointId } = await first.efs.send(
    new CreateAccessPointCommand({
      FileSystemId,
      ClientToken: 'a',
      RootDirectory: { Path: '/a', CreationInfo: { OwnerUid: 1000, OwnerGid: 1000, Permissions: '0755' } },
    }),
  );
  const authorizationConfig = { accessPointId: AccessPointId };
  const efsVolumeConfiguration = {
    fileSystemId: FileSystemId,
    transitEncryption: 'ENABLED',
    authorizationConfig,
  } as const;
  await first.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'f',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      volumes: [{ name: 'files', efsVolumeConfiguration }],
      containerDefinitions: [
        { name: 'main', image: 'image', mountPoints: [{ sourceVolume: 'files', containerPath: '/efs' }] },
      ],
    }),
  );
  expect(existsSync(first.cloud.pathOf('/a'))).toBe(false);

  const run = await first.ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: 'f',
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...subnets] } },
    }),
  );
  const tasks = [run.tasks?.[0]?.taskArn ?? ''];
  await waitUntilTasksRunning(
    { client: first.ecs, maxWaitTime: PATIENCE_MS / 1_000, minDelay: 1, maxDelay: 1 },
    { cluster, tasks },
  );
  expect(existsSync(first.cloud.pathOf('/a'))).toBe(true);

  await using second = await first.restart();
  const { taskDefinition } = await second.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'f' }));
  expect(taskDefinition).toMatchObject({ family: 'f', revision: 1, volumes: [{ efsVolumeConfiguration }] });
  expect((await second.ecs.send(new ListTasksCommand({ cluster }))).taskArns).toEqual([]);
});

import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AccessPointDescription,
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  type DescribeAccessPointsCommandOutput,
} from '@aws-sdk/client-efs';
import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../src/awsError.ts';
import type { Efs } from '../../src/efs/createEfs.ts';
import { localDefaults } from '../../src/localDefaults.ts';
import { instantTiming } from '../../src/timing.ts';
import { awsModelsPresent, checkShape } from '../support/awsModel.ts';
import { startTestCloud, type TestCloud } from '../support/startTestCloud.ts';
import { createTestEfs } from './createTestEfs.ts';

const FileSystemId = localDefaults.fileSystemId;
const missing = 'fsap-ffffffffffffffff0';

function create(test: TestCloud, ClientToken: string, more = {}) {
  return test.efs.send(new CreateAccessPointCommand({ ClientToken, FileSystemId, ...more }));
}

async function tokens(test: TestCloud, MaxResults?: number): Promise<string[][]> {
  const pages: string[][] = [];
  let NextToken: string | undefined;
  do {
    const request = { FileSystemId, ...(MaxResults && { MaxResults }), ...(NextToken && { NextToken }) };
    const answer = await test.efs.send(new DescribeAccessPointsCommand(request));
    pages.push((answer.AccessPoints ?? []).map((accessPoint) => accessPoint.ClientToken ?? ''));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return pages;
}

describe('creating an access point', () => {
  test('answers all there is to it, as describing it does', async () => {
    await using local = await startTestCloud();
    const details = {
      PosixUser: { Uid: 1000, Gid: 1001, SecondaryGids: [5] },
      RootDirectory: { Path: '/a/b', CreationInfo: { OwnerUid: 1000, OwnerGid: 1001, Permissions: '0750' } },
      Tags: [
        { Key: 'Name', Value: 'mine' },
        { Key: 'k', Value: '' },
      ],
    };

    const { $metadata, ...created } = await create(local, 'token', details);
    const { AccessPoints } = await local.efs.send(
      new DescribeAccessPointsCommand({ AccessPointId: created.AccessPointArn }),
    );

    expect($metadata.httpStatusCode).toBe(200);
    expect(created.AccessPointId).toMatch(/^fsap-[0-9a-f]{17}$/);
    expect(created).toEqual({
      ...details,
      ClientToken: 'token',
      FileSystemId,
      Name: 'mine',
      OwnerId: '000000000000',
      AccessPointId: created.AccessPointId,
      AccessPointArn: `arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/${created.AccessPointId}`,
      LifeCycleState: 'available',
    });
    expect(AccessPoints).toEqual([created]);
    if (awsModelsPresent()) expect(checkShape('efs', 'AccessPointDescription', created)).toEqual([]);
  });

  test('without details has the root of the file system, and no user', async () => {
    await using local = await startTestCloud();

    const created = await create(local, 'token');

    expect(created).toMatchObject({ RootDirectory: { Path: '/' }, Tags: [] });
    expect(created).not.toHaveProperty('PosixUser');
    expect(created).not.toHaveProperty('Name');
  });

  test('takes a while, where tasks do: it is creating, and available when next described', async () => {
    await using local = await startTestCloud({ timing: { ...instantTiming, provisioningMs: 1 } });

    const created = await create(local, 'token');
    const { AccessPoints } = await local.efs.send(
      new DescribeAccessPointsCommand({ AccessPointId: created.AccessPointId }),
    );

    expect([created.LifeCycleState, AccessPoints?.[0]?.LifeCycleState]).toEqual(['creating', 'available']);
  });

  test('again with the token of one that is there is refused with its id, equal or not, also over the quota', async () => {
    await using local = await startTestCloud({ accessPointQuota: 1 });
    const { AccessPointId } = await create(local, 'token');
    const refusal = { name: 'AccessPointAlreadyExists', AccessPointId, $metadata: { httpStatusCode: 409 } };

    await expect(create(local, 'token')).rejects.toMatchObject(refusal);
    await expect(create(local, 'token', { PosixUser: { Uid: 1, Gid: 1 } })).rejects.toMatchObject(refusal);
    expect(await tokens(local)).toEqual([['token']]);
  });

  test('with the token of one that has been deleted makes a new one', async () => {
    await using local = await startTestCloud();
    const { AccessPointId } = await create(local, 'token');
    await local.efs.send(new DeleteAccessPointCommand({ AccessPointId }));

    expect((await create(local, 'token')).AccessPointId).not.toBe(AccessPointId);
  });

  test('beyond the quota is refused until one is deleted', async () => {
    await using local = await startTestCloud({ accessPointQuota: 2 });
    const { AccessPointId } = await create(local, 'a');
    await create(local, 'b');

    await expect(create(local, 'c')).rejects.toMatchObject({
      name: 'AccessPointLimitExceeded',
      $metadata: { httpStatusCode: 403 },
    });
    await local.efs.send(new DeleteAccessPointCommand({ AccessPointId }));
    await create(local, 'c');
    expect(await tokens(local)).toEqual([['b', 'c']]);
  });

  test('on a file system that there is not is refused', async () => {
    await using local = await startTestCloud();

    await expect(create(local, 't', { FileSystemId: 'fs-ffffffff' })).rejects.toMatchObject({
      name: 'FileSystemNotFound',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('describing access points', () => {
  test('goes by pages, in order of creation, each access point once', async () => {
    await using local = await startTestCloud();
    for (const token of ['e', 'd', 'c', 'b', 'a']) await create(local, token);

    expect(await tokens(local, 2)).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    expect(await tokens(local, 5)).toEqual([['e', 'd', 'c', 'b', 'a']]);
    expect(await tokens(local)).toEqual([['e', 'd', 'c', 'b', 'a']]);
  });

  test('has pages of 100 by default', async () => {
    await using local = await startTestCloud();
    for (let n = 0; n < 101; n += 1) await create(local, `t${n}`);

    expect((await tokens(local)).map((page) => page.length)).toEqual([100, 1]);
    expect((await tokens(local, 1000)).map((page) => page.length)).toEqual([101]);
  });

  test('without any filter shows those of all file systems, by pages', async () => {
    await using local = await startTestCloud();
    const efs = createTestEfs(local.dir, 'fs-00000001', 'fs-00000002');
    for (const [index, FileSystemId] of ['fs-00000001', 'fs-00000002', 'fs-00000001'].entries()) {
      await efs.operations['CreateAccessPoint']?.({ ClientToken: `t${index}`, FileSystemId });
    }
    const describe = async (request: object) =>
      (await efs.operations['DescribeAccessPoints']?.({ ...request })) as DescribeAccessPointsCommandOutput;

    const first = await describe({ MaxResults: 2 });
    const second = await describe({ MaxResults: 2, NextToken: first.NextToken });
    const own = await describe({ FileSystemId: 'fs-00000001' });
    await efs.operations['DeleteAccessPoint']?.({ AccessPointId: second.AccessPoints?.[0]?.AccessPointId });

    const tokensOf = ({ AccessPoints = [] }: DescribeAccessPointsCommandOutput) =>
      AccessPoints.map((it) => it.ClientToken);
    expect([first, second, own, await describe({})].map(tokensOf)).toEqual([
      ['t0', 't1'],
      ['t2'],
      ['t0', 't2'],
      ['t0', 't1'],
    ]);
    await expect(describe({ FileSystemId: 'fs-00000001', NextToken: first.NextToken })).rejects.toMatchObject({
      name: 'BadRequest',
    });
  });

  test('skips none where some are deleted between two pages', async () => {
    await using local = await startTestCloud();
    const ids = [];
    for (const token of ['a', 'b', 'c', 'd']) ids.push((await create(local, token)).AccessPointId);
    const first = await local.efs.send(new DescribeAccessPointsCommand({ FileSystemId, MaxResults: 2 }));
    for (const AccessPointId of ids.slice(0, 2)) await local.efs.send(new DeleteAccessPointCommand({ AccessPointId }));

    const { NextToken } = first;
    const second = await local.efs.send(new DescribeAccessPointsCommand({ FileSystemId, NextToken }));

    expect(second.AccessPoints?.map((accessPoint) => accessPoint.ClientToken)).toEqual(['c', 'd']);
  });

  test.each([
    ['both an id and a file system', { FileSystemId, AccessPointId: missing }, 'BadRequest', 400],
    ['a page of none', { FileSystemId, MaxResults: 0 }, 'ValidationException', 400],
    ['a token that is not ours', { FileSystemId, NextToken: 'nonsense' }, 'BadRequest', 400],
    ['a malformed id', { AccessPointId: 'fsap-xyz' }, 'ValidationException', 400],
    ['an access point that there is not', { AccessPointId: missing }, 'AccessPointNotFound', 404],
    ['a file system that there is not', { FileSystemId: 'fs-ffffffff' }, 'FileSystemNotFound', 404],
  ])('by %s is refused', async (_case, request, name, httpStatusCode) => {
    await using local = await startTestCloud();

    const call = local.efs.send(new DescribeAccessPointsCommand(request));

    await expect(call).rejects.toMatchObject({ name, ErrorCode: name, $metadata: { httpStatusCode } });
  });
});

describe('deleting an access point', () => {
  test('that there is not is refused', async () => {
    await using local = await startTestCloud();

    const call = local.efs.send(new DeleteAccessPointCommand({ AccessPointId: missing }));

    await expect(call).rejects.toMatchObject({ name: 'AccessPointNotFound', $metadata: { httpStatusCode: 404 } });
  });

  test('leaves its files where they are, and takes an empty root directory with it', async () => {
    await using local = await startTestCloud();
    const full = await create(local, 'full', { RootDirectory: { Path: '/full' } });
    const empty = await create(local, 'empty', { RootDirectory: { Path: '/empty' } });
    const shared = await create(local, 'shared', { RootDirectory: { Path: '/shared' } });
    await create(local, 'sharer', { RootDirectory: { Path: '/shared' } });
    for (const path of ['/full', '/empty', '/shared']) mkdirSync(local.cloud.pathOf(path));
    writeFileSync(join(local.cloud.pathOf('/full'), 'file'), 'data');

    for (const { AccessPointId } of [full, empty, shared] satisfies AccessPointDescription[]) {
      await local.efs.send(new DeleteAccessPointCommand({ AccessPointId }));
    }

    expect(['/full/file', '/empty', '/shared'].map((path) => existsSync(local.cloud.pathOf(path)))).toEqual([
      true,
      false,
      true,
    ]);
    expect(await tokens(local)).toEqual([['sharer']]);
  });
});

describe('mounting', () => {
  const info = { OwnerUid: 1000, OwnerGid: 1000, Permissions: '0770' };

  async function idOf(efs: Efs, more: object): Promise<string> {
    const request = { FileSystemId, ClientToken: JSON.stringify(more).slice(0, 64), ...more };
    const created = (await efs.operations['CreateAccessPoint']?.(request)) as AccessPointDescription;
    return created.AccessPointId ?? '';
  }

  test('an access point makes its directory the first time, with its permissions, and keeps it afterwards', async () => {
    await using local = await startTestCloud();
    const efs = createTestEfs(local.dir);
    const id = await idOf(efs, { PosixUser: { Uid: 7, Gid: 8 }, RootDirectory: { Path: '/x/y', CreationInfo: info } });

    const { folder, user } = efs.mountSource(FileSystemId, id, undefined);
    writeFileSync(join(folder, 'file'), 'data');

    expect(folder).toBe(join(local.dir, FileSystemId, 'x', 'y'));
    expect(statSync(folder).mode & 0o777).toBe(0o770);
    expect(user).toEqual({ uid: 7, gid: 8 });
    expect(efs.mountSource(FileSystemId, id, '/')).toEqual({ folder, user });
    expect(existsSync(join(folder, 'file'))).toBe(true);
  });

  test('a file system shows its root, or a directory that it has', async () => {
    await using local = await startTestCloud();
    const efs = createTestEfs(local.dir);
    mkdirSync(join(local.dir, FileSystemId, 'there'));

    const root = join(local.dir, FileSystemId);
    expect(efs.mountSource(FileSystemId, undefined, undefined)).toEqual({ folder: root, user: undefined });
    expect(efs.mountSource(FileSystemId, undefined, '/there').folder).toBe(join(root, 'there'));
  });

  test('what is not there, or not inside, is refused', async () => {
    await using local = await startTestCloud();
    const efs = createTestEfs(local.dir);
    const noInfo = await idOf(efs, { RootDirectory: { Path: '/none' } });
    const linked = await idOf(efs, { RootDirectory: { Path: '/link/x', CreationInfo: info } });
    symlinkSync('/tmp', join(local.dir, FileSystemId, 'link'));

    const mounts: Parameters<typeof efs.mountSource>[] = [
      [FileSystemId, noInfo, undefined],
      [FileSystemId, linked, undefined],
      [FileSystemId, missing, undefined],
      ['fs-ffffffff', noInfo, undefined],
      [FileSystemId, undefined, '/none'],
      [FileSystemId, undefined, '/../../etc'],
    ];
    for (const mount of mounts) expect(() => efs.mountSource(...mount)).toThrow(AwsError);
  });
});

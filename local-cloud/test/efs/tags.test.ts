import {
  CreateAccessPointCommand,
  DescribeAccessPointsCommand,
  DescribeFileSystemsCommand,
  DescribeMountTargetsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-efs';
import { describe, expect, test } from '@jest/globals';
import { localDefaults } from '../../src/localDefaults.ts';
import { startTestCloud, type TestCloud } from '../support/startTestCloud.ts';

const FileSystemId = localDefaults.fileSystemId;

async function accessPoint(local: TestCloud, tags: Record<string, string> = {}): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const created = await local.efs.send(new CreateAccessPointCommand({ ClientToken: 't', FileSystemId, Tags }));
  return created.AccessPointId ?? '';
}

async function tagsOf(local: TestCloud, ResourceId: string): Promise<Record<string, string | undefined>> {
  const { Tags = [] } = await local.efs.send(new ListTagsForResourceCommand({ ResourceId }));
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
}

describe('tags', () => {
  test('are merged into those that are there, and seen by describe, which takes its Name from them', async () => {
    await using local = await startTestCloud();
    const AccessPointId = await accessPoint(local, { a: '1', b: '2' });
    const Tags = [
      { Key: 'b', Value: 'two' },
      { Key: 'Name', Value: 'n' },
    ];

    await local.efs.send(new TagResourceCommand({ ResourceId: AccessPointId, Tags }));

    expect(await tagsOf(local, AccessPointId)).toEqual({ a: '1', b: 'two', Name: 'n' });
    const { AccessPoints } = await local.efs.send(new DescribeAccessPointsCommand({ FileSystemId }));
    expect(AccessPoints).toMatchObject([{ AccessPointId, Name: 'n', Tags: [{ Key: 'a', Value: '1' }, ...Tags] }]);
  });

  test('are taken off by key; a key that is not there does no harm', async () => {
    await using local = await startTestCloud();
    const ResourceId = await accessPoint(local, { a: '1', b: '2', c: '3' });

    await local.efs.send(new UntagResourceCommand({ ResourceId, TagKeys: ['a', 'c', 'z'] }));

    expect(await tagsOf(local, ResourceId)).toEqual({ b: '2' });
  });

  // Of values EFS's model says nothing, unlike ECS's.
  test.each(['aws:x', 'AWS:x', 'aWs:'])(
    'whose key begins with aws: are refused by every operation: %s',
    async (Key) => {
      await using local = await startTestCloud();
      const ResourceId = await accessPoint(local, { a: '1' });
      const Tags = [{ Key, Value: '' }];
      const refused = { name: 'ValidationException' };

      const creating = new CreateAccessPointCommand({ ClientToken: 'other', FileSystemId, Tags });
      await expect(local.efs.send(creating)).rejects.toMatchObject(refused);
      await expect(local.efs.send(new TagResourceCommand({ ResourceId, Tags }))).rejects.toMatchObject(refused);
      const untagging = new UntagResourceCommand({ ResourceId, TagKeys: [Key] });
      await expect(local.efs.send(untagging)).rejects.toMatchObject(refused);
      expect(await tagsOf(local, ResourceId)).toEqual({ a: '1' });
    },
  );

  test('beyond 50 together are refused, and none of them is taken', async () => {
    await using local = await startTestCloud();
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, n) => [`k${n}`, 'v']));
    const ResourceId = await accessPoint(local, many);
    const Tags = ['x', 'y'].map((Key) => ({ Key, Value: 'v' }));

    await expect(local.efs.send(new TagResourceCommand({ ResourceId, Tags }))).rejects.toMatchObject({
      name: 'BadRequest',
    });
    expect(await tagsOf(local, ResourceId)).toEqual(many);
  });

  test('are listed by pages', async () => {
    await using local = await startTestCloud();
    const ResourceId = await accessPoint(local, { a: '1', b: '2', c: '3' });
    const page = (NextToken?: string) =>
      local.efs.send(new ListTagsForResourceCommand({ ResourceId, MaxResults: 2, NextToken }));

    const first = await page();
    const second = await page(first.NextToken);

    expect([first.Tags?.length, second.Tags, second.NextToken]).toEqual([2, [{ Key: 'c', Value: '3' }], undefined]);
    await expect(page('broken')).rejects.toMatchObject({ name: 'BadRequest' });
  });

  test('of a file system are kept likewise', async () => {
    await using local = await startTestCloud();

    await local.efs.send(new TagResourceCommand({ ResourceId: FileSystemId, Tags: [{ Key: 'Name', Value: 'n' }] }));

    const { FileSystems } = await local.efs.send(new DescribeFileSystemsCommand({ FileSystemId }));
    expect(FileSystems).toMatchObject([{ FileSystemId, Name: 'n', Tags: [{ Key: 'Name', Value: 'n' }] }]);
  });

  test.each([
    ['fsap-ffffffff', 'AccessPointNotFound'],
    ['fs-ffffffff', 'FileSystemNotFound'],
  ])('of %s, which there is not, are a 404', async (ResourceId, name) => {
    await using local = await startTestCloud();

    for (const command of [
      new ListTagsForResourceCommand({ ResourceId }),
      new TagResourceCommand({ ResourceId, Tags: [] }),
      new UntagResourceCommand({ ResourceId, TagKeys: ['a'] }),
    ]) {
      const call = local.efs.send(command as ListTagsForResourceCommand);
      await expect(call).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 404 } });
    }
  });
});

describe('file systems and mount targets', () => {
  test('the one file system is described with its date, by id, by token and among all', async () => {
    await using local = await startTestCloud();

    const { FileSystems: all } = await local.efs.send(new DescribeFileSystemsCommand({}));
    const CreationToken = all?.[0]?.CreationToken ?? '';
    const byToken = await local.efs.send(new DescribeFileSystemsCommand({ CreationToken }));
    const byOther = await local.efs.send(new DescribeFileSystemsCommand({ CreationToken: 'other' }));

    expect(all).toMatchObject([{ FileSystemId, LifeCycleState: 'available', NumberOfMountTargets: 2 }]);
    expect(Math.abs(Date.now() - Number(all?.[0]?.CreationTime))).toBeLessThan(60_000);
    expect(byToken.FileSystems).toEqual(all);
    expect(byOther.FileSystems).toEqual([]);
    await expect(local.efs.send(new DescribeFileSystemsCommand({ FileSystemId: 'fs-ffffffff' }))).rejects.toMatchObject(
      { name: 'FileSystemNotFound' },
    );
  });

  test('there is a mount target in each subnet, by file system, access point and its own id, by pages', async () => {
    await using local = await startTestCloud();
    const AccessPointId = await accessPoint(local);
    const ask = async (request: object) =>
      (await local.efs.send(new DescribeMountTargetsCommand(request))).MountTargets?.map((target) => target.SubnetId);
    const first = await local.efs.send(new DescribeMountTargetsCommand({ FileSystemId, MaxItems: 1 }));
    const MountTargetId = first.MountTargets?.[0]?.MountTargetId ?? '';

    expect(await ask({ FileSystemId })).toEqual(local.cloud.subnets);
    expect(await ask({ AccessPointId })).toEqual(local.cloud.subnets);
    expect(await ask({ MountTargetId })).toEqual(local.cloud.subnets.slice(0, 1));
    const zones = first.MountTargets?.map((target) => [target.AvailabilityZoneName, target.AvailabilityZoneId]);
    expect(zones).toEqual([['us-east-1a', 'use1-az1']]);
    expect(await ask({ FileSystemId, Marker: first.NextMarker })).toEqual(local.cloud.subnets.slice(1));
    await expect(ask({})).rejects.toMatchObject({ name: 'BadRequest' });
    await expect(ask({ FileSystemId, AccessPointId })).rejects.toMatchObject({ name: 'BadRequest' });
    await expect(ask({ MountTargetId: 'fsmt-ffffffff' })).rejects.toMatchObject({ name: 'MountTargetNotFound' });
  });
});

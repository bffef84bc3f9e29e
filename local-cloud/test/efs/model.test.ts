import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Efs } from '../../src/efs/createEfs.ts';
import { localDefaults } from '../../src/localDefaults.ts';
import {
  awsModel,
  awsModelsPresent,
  type Constraint,
  checkShape,
  compile,
  inputConstraints,
} from '../support/awsModel.ts';
import { createTestEfs } from './createTestEfs.ts';

const describeWithModel = awsModelsPresent() ? describe : describe.skip;

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'local-efs-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const FileSystemId = localDefaults.fileSystemId;
const AccessPointId = 'fsap-00000000000000001';

/** For each operation a request that is accepted and has every member, or several where members exclude each other. */
const requests: Record<string, object[]> = {
  CreateAccessPoint: [
    {
      ClientToken: 'another',
      FileSystemId,
      Tags: [{ Key: 'k', Value: 'v' }],
      PosixUser: { Uid: 1, Gid: 1, SecondaryGids: [1] },
      RootDirectory: { Path: '/p', CreationInfo: { OwnerUid: 1, OwnerGid: 1, Permissions: '755' } },
    },
  ],
  DescribeAccessPoints: [{ FileSystemId, MaxResults: 1 }, { AccessPointId }],
  DeleteAccessPoint: [{ AccessPointId }],
  TagResource: [
    { ResourceId: AccessPointId, Tags: [{ Key: 'k', Value: 'v' }] },
    { ResourceId: FileSystemId, Tags: [] },
  ],
  UntagResource: [{ ResourceId: AccessPointId, TagKeys: ['k'] }],
  ListTagsForResource: [{ ResourceId: AccessPointId, MaxResults: 1 }],
  DescribeFileSystems: [{ FileSystemId, CreationToken: 'x', MaxItems: 1 }],
  DescribeMountTargets: [{ FileSystemId, MaxItems: 1 }, { AccessPointId }],
};

async function efsWithOne(): Promise<Efs> {
  const efs = createTestEfs(dir);
  const Tags = [1, 2, 3].map((n) => ({ Key: `k${n}`, Value: 'v' }));
  await efs.operations['CreateAccessPoint']?.({ FileSystemId, ClientToken: 'first', Tags });
  return efs;
}

async function outcome(operation: string, request: object): Promise<string> {
  const efs = await efsWithOne();
  try {
    await efs.operations[operation]?.({ ...request });
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.name : 'no error';
  }
}

/** Values that break a constraint, each in one way. */
function violations({ shape, shapeName }: Constraint): unknown[] {
  const { min, max, pattern, type } = shape;
  const ofSize = (size: number) =>
    type === 'list' ? Array.from({ length: size }, (_, n) => `k${n}`) : 'a'.repeat(size);
  const numeric = isNumeric(shape);
  return [
    ...(min === undefined ? [] : numeric ? [min - 1] : min > 0 ? [ofSize(min - 1)] : []),
    ...(max === undefined
      ? []
      : numeric
        ? [max + 1]
        : shapeName === 'SecondaryGids'
          ? [Array(max + 1).fill(1)]
          : [ofSize(max + 1)]),
    ...(pattern === undefined
      ? []
      : ['', '*', '{"a"}', 'x\ny', 'aws:x', '/.x', 'ü😀'].filter((text) => !compile(pattern).test(text))),
    numeric ? 'text' : 1,
  ];
}

/** What is of another type never gets as far as the check of limits. */
function refusalOf({ shape }: Constraint, violation: unknown): string {
  const fits = shape.type === 'list' ? Array.isArray(violation) : (typeof violation === 'number') === isNumeric(shape);
  return fits ? 'ValidationException' : 'SerializationException';
}

function isNumeric({ type }: Constraint['shape']): boolean {
  return type === 'integer' || type === 'long';
}

function replaced(value: unknown, path: readonly string[], replacement: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return replacement;
  if (Array.isArray(value)) return [replaced(value[0], rest, replacement)];
  return { ...(value as object), [first]: replaced((value as Record<string, unknown>)[first], rest, replacement) };
}

function has(value: unknown, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  const inside = (value as Record<string, unknown> | undefined)?.[first];
  return inside !== undefined && has(inside, rest);
}

describeWithModel('against the service model', () => {
  test('every operation but CreateFileSystem is there', () => {
    const modelled = Object.keys(awsModel('efs').operations).filter((name) => name !== 'CreateFileSystem');
    expect(Object.keys(createTestEfs(dir).operations).sort()).toEqual(modelled.sort());
  });

  describe.each(Object.keys(requests))('%s', (operation) => {
    const { input, output } = awsModelsPresent()
      ? (awsModel('efs').operations[operation] ?? {})
      : { input: undefined, output: undefined };

    test('answers what the model says', async () => {
      for (const request of requests[operation] ?? []) {
        const answer = await (await efsWithOne()).operations[operation]?.({ ...request });
        expect(output === undefined ? answer : checkShape('efs', output.shape, answer)).toEqual(
          output === undefined ? {} : [],
        );
      }
    });

    test('refuses whatever breaks a modelled limit', async () => {
      let tried = 0;
      for (const constraint of inputConstraints('efs', input?.shape ?? '')) {
        for (const request of (requests[operation] ?? []).filter((candidate) => has(candidate, constraint.path))) {
          for (const violation of violations(constraint)) {
            const broken = replaced(request, constraint.path, violation) as object;
            const label = `${constraint.path.join('.')} = ${JSON.stringify(violation)}`;
            expect([label, await outcome(operation, broken)]).toEqual([label, refusalOf(constraint, violation)]);
            tried += 1;
          }
        }
      }
      expect(tried).toBeGreaterThan(0);
    });

    test('refuses a request without a member that is required', async () => {
      for (const name of awsModel('efs').shapes[input?.shape ?? '']?.required ?? []) {
        expect([
          name,
          await outcome(operation, replaced(requests[operation]?.[0], [name], undefined) as object),
        ]).toEqual([name, 'ValidationException']);
      }
    });
  });
});

describe('at its bounds CreateAccessPoint', () => {
  const tags = (count: number) => Array.from({ length: count }, (_, n) => ({ Key: `k${n}`, Value: 'v' }));
  const creation = { OwnerUid: 0, OwnerGid: 4294967295, Permissions: '7777' };

  test.each([
    ['a token of 64', { ClientToken: 'x'.repeat(64) }],
    ['50 tags', { Tags: tags(50) }],
    ['a key of 128 and a value of 256', { Tags: [{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }] }],
    [
      'letters beyond the basic plane, counted as characters',
      { Tags: [{ Key: '𝒳'.repeat(128), Value: '𝒳'.repeat(256) }] },
    ],
    ['every mark that tags may have', { Tags: [{ Key: 'é_.:/=+-@ 1', Value: '' }] }],
    ['the highest and lowest ids', { PosixUser: { Uid: 0, Gid: 4294967295, SecondaryGids: Array(16).fill(0) } }],
    ['a path of 100 characters', { RootDirectory: { Path: `/${'x'.repeat(99)}`, CreationInfo: creation } }],
    ['a path of four levels', { RootDirectory: { Path: '/a/b/c/d' } }],
    [
      'an ARN for the file system',
      { FileSystemId: `arn:aws:elasticfilesystem:us-east-1:000000000000:file-system/${FileSystemId}` },
    ],
  ])('accepts %s', async (_case, more) => {
    expect(await outcome('CreateAccessPoint', { ClientToken: 't', FileSystemId, ...more })).toBe('accepted');
  });

  test.each<[string, object, string?]>([
    ['51 tags', { Tags: tags(51) }],
    ['a key twice', { Tags: [...tags(1), ...tags(1)] }, 'BadRequest'],
    ['a reserved key', { Tags: [{ Key: 'aWs:x', Value: '' }] }],
    ['a tag without value', { Tags: [{ Key: 'k' }] }],
    ['a comma', { Tags: [{ Key: 'k', Value: 'a,b' }] }],
    ['an emoji', { Tags: [{ Key: 'k', Value: '😀' }] }],
    ['a path of five levels', { RootDirectory: { Path: '/a/b/c/d/e' } }],
    ['a path that leads up', { RootDirectory: { Path: '/a/..' } }],
    ['a path that is not absolute', { RootDirectory: { Path: 'a' } }],
    ['half a CreationInfo', { RootDirectory: { Path: '/a', CreationInfo: { OwnerUid: 1, OwnerGid: 1 } } }],
    ['permissions beyond octal', { RootDirectory: { Path: '/a', CreationInfo: { ...creation, Permissions: '0788' } } }],
    ['half a user', { PosixUser: { Uid: 1 } }],
    ['half an id', { PosixUser: { Uid: 1.5, Gid: 1 } }, 'SerializationException'],
  ])('refuses %s', async (_case, more, name = 'ValidationException') => {
    expect(await outcome('CreateAccessPoint', { ClientToken: 't', FileSystemId, ...more })).toBe(name);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { localDefaults } from '../../src/localDefaults.ts';
import { createTestEfs } from './createTestEfs.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'local-efs-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const FileSystemId = localDefaults.fileSystemId;
const found = '1 validation error detected: ';

// The first is as others have reported it from AWS; of the second, AWS names every constraint of the list's members.
test.each([
  [
    'CreateAccessPoint',
    { ClientToken: 't', FileSystemId, RootDirectory: { Path: '//p' } },
    'ValidationException',
    `${found}Value '//p' at 'rootDirectory.path' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(`,
  ],
  [
    'UntagResource',
    { ResourceId: FileSystemId, TagKeys: ['a', 'aws:x'] },
    'ValidationException',
    `${found}Value '[a, aws:x]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy regular expression pattern: ^(?!`,
  ],
  [
    'CreateAccessPoint',
    { FileSystemId },
    'ValidationException',
    `${found}Value null at 'clientToken' failed to satisfy constraint: Member must not be null`,
  ],
  [
    'CreateAccessPoint',
    { ClientToken: '', FileSystemId, PosixUser: { Uid: -1, Gid: 0 }, Tags: [{ Key: 'k'.repeat(129), Value: '' }] },
    'ValidationException',
    "4 validation errors detected: Value '' at 'clientToken' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'clientToken' failed to satisfy constraint: Member must satisfy regular expression pattern: .+; Value '-1' at 'posixUser.uid' failed to satisfy constraint: Member must have value greater than or equal to 0; Value 'kkk",
  ],
  [
    'CreateAccessPoint',
    { ClientToken: 1, FileSystemId },
    'SerializationException',
    'NUMBER_VALUE can not be converted to a String',
  ],
  [
    'DescribeAccessPoints',
    { FileSystemId, AccessPointId: 'fsap-ffffffff' },
    'BadRequest',
    'You can specify either AccessPointId or FileSystemId, and not both',
  ],
])('%s of %j is refused in words that are not the validator’s', async (operation, request, name, message) => {
  const efs = createTestEfs(dir);

  const call = async () => efs.operations[operation]?.({ ...request });

  await expect(call()).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
});

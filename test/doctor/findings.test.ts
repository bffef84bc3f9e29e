import type { MountTargetDescription } from '@aws-sdk/client-efs';
import { describe, expect, test } from '@jest/globals';
import { accountSettingFindings } from '../../src/doctor/accountSettingFindings.ts';
import { clusterFindings } from '../../src/doctor/clusterFindings.ts';
import { type Finding, lineOf } from '../../src/doctor/Finding.ts';
import { fileSystemFindings, mountTargetFindings, networkFindings } from '../../src/doctor/fileSystemFindings.ts';
import { imageFindings } from '../../src/doctor/imageFindings.ts';
import { quotaFindings } from '../../src/doctor/quotaFindings.ts';
import type { Target } from '../../src/doctor/Target.ts';

const target: Target = {
  local: false,
  region: 'us-west-1',
  cluster: 'main',
  fileSystemId: 'fs-01234567',
  subnets: ['subnet-00000001', 'subnet-00000002'],
  securityGroups: ['sg-00000001'],
  capacityProviders: [],
  executionRoleArn: undefined,
  taskRoleArn: undefined,
  logGroup: undefined,
  stack: 'workbench',
  images: ['busybox'],
  assignPublicIp: false,
};

function mountTarget(members: Partial<MountTargetDescription>): MountTargetDescription {
  return {
    MountTargetId: 'fsmt-1',
    FileSystemId: target.fileSystemId,
    SubnetId: 'subnet-00000001',
    LifeCycleState: 'available',
    AvailabilityZoneName: 'us-west-1a',
    VpcId: 'vpc-1',
    ...members,
  };
}

const verdicts = (findings: readonly Finding[]) => findings.map(({ verdict }) => verdict);

describe('what AWS shows and a local cloud never does', () => {
  test.each(['PROVISIONING', 'DEPROVISIONING', 'FAILED', 'INACTIVE'])('a cluster that is %s fails', (status) => {
    expect(verdicts(clusterFindings(target, { clusters: [{ status }] }))).toEqual(['failed']);
  });

  test.each([
    ['enabled', 'ok'],
    ['on', 'ok'],
    ['disabled', 'failed'],
    ['off', 'failed'],
  ])('long task ARNs that are %s: %s', (value, verdict) => {
    expect(verdicts(accountSettingFindings({ settings: [{ name: 'taskLongArnFormat', value }] }))).toEqual([verdict]);
  });

  test.each([[{}], [{ settings: [] }], [{ settings: [{ name: 'containerInsights' as const, value: 'enabled' }] }]])(
    'a setting that is not shown is to be looked at, and fails nothing: %j',
    (answer) => {
      const [finding] = accountSettingFindings(answer);
      expect(finding).toMatchObject({ verdict: 'warning', check: 'task ARNs' });
      expect(finding?.message).toContain('taskLongArnFormat');
    },
  );

  test.each(['creating', 'updating', 'deleting', 'error'] as const)(
    'a file system that is %s fails',
    (LifeCycleState) => {
      const found = { LifeCycleState } as Parameters<typeof fileSystemFindings>[1];
      expect(verdicts(fileSystemFindings(target, found))).toEqual(['failed']);
    },
  );

  test('mount targets of which none is available yet fail', () => {
    const [finding] = mountTargetFindings(target, [mountTarget({ LifeCycleState: 'creating' })]);
    expect(finding).toMatchObject({ verdict: 'failed', message: 'none is available yet (creating)' });
  });

  test('a subnet without one of its own is named, with the zones where it may be', () => {
    const [finding] = mountTargetFindings(target, [mountTarget({})]);
    expect(finding?.verdict).toBe('warning');
    expect(finding?.message).toContain('subnet-00000002');
    expect(finding?.remedy).toContain('us-west-1a of vpc-1');
  });

  test('subnets in two VPCs fail', () => {
    const targets = [mountTarget({}), mountTarget({ SubnetId: 'subnet-00000002', VpcId: 'vpc-2' })];
    expect(networkFindings(target, targets)[0]).toMatchObject({
      verdict: 'failed',
      message: 'the subnets are in several VPCs: vpc-1, vpc-2',
    });
  });

  test('subnets of which some are not to be seen say nothing of their VPC', () => {
    expect(networkFindings(target, [mountTarget({})]).map(({ check }) => check)).toEqual(['security groups']);
  });

  test.each([
    [0, 'ok'],
    [7_999, 'ok'],
    [8_000, 'warning'],
    [10_000, 'warning'],
  ])('%d access points: %s', (count, verdict) => {
    expect(verdicts(quotaFindings(count))).toEqual([verdict]);
  });
});

test.each([
  ['busybox', 'ok'],
  ['busybox:1.36', 'ok'],
  ['localhost:5000/a/b-c__d.e:T_1', 'ok'],
  [`ghcr.io/x/y@sha256:${'0'.repeat(64)}`, 'ok'],
  ['https://ghcr.io/x/y', 'failed'],
  ['x/y:', 'failed'],
  ['x//y', 'failed'],
  ['-x', 'failed'],
  ['x@sha256:12', 'failed'],
])('the image name %s: %s', (image, verdict) => {
  expect(verdicts(imageFindings({ ...target, images: [image] }, undefined))).toEqual([verdict]);
});

test('a finding is one line, whatever AWS has to say', () => {
  const line = lineOf({ verdict: 'failed', check: 'cluster', message: 'no\n  such\nthing', remedy: 'Make it' });
  expect(line).toBe('failed   cluster          no such thing. Make it');
});

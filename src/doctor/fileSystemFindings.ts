import type { FileSystemDescription, MountTargetDescription } from '@aws-sdk/client-efs';
import { type Finding, failed, ok, warning } from './Finding.ts';
import { arnOf, type Target } from './Target.ts';

export function fileSystemFindings(
  { fileSystemId, region }: Target,
  found: FileSystemDescription | undefined,
): Finding[] {
  const arn = arnOf(fileSystemId);
  if (arn && arn.region !== region) {
    const remedy = 'A task mounts file systems of its own Region only: correct EFS_FILE_SYSTEM_ID or AWS_REGION';
    return [failed('file system', `${fileSystemId} is in ${arn.region}, not in ${region}`, remedy)];
  }
  if (found === undefined) {
    const remedy = 'Correct EFS_FILE_SYSTEM_ID or AWS_REGION';
    return [failed('file system', `there is no file system ${fileSystemId} in ${region}`, remedy)];
  }
  if (found.LifeCycleState !== 'available') {
    return [failed('file system', `${fileSystemId} is ${found.LifeCycleState}`, 'Wait until it is available')];
  }
  return [ok('file system', `${fileSystemId} is available`)];
}

/** A task starts in any of the subnets and mounts over the target of its zone, which ECS and EFS alone show in part. */
export function mountTargetFindings({ subnets }: Target, targets: readonly MountTargetDescription[]): Finding[] {
  const check = 'mount targets';
  if (targets.length === 0) {
    return [
      failed(
        check,
        'the file system has none',
        'Create one in the zone of each of ECS_SUBNETS: aws efs create-mount-target',
      ),
    ];
  }
  const ready = targets.filter(({ LifeCycleState }) => LifeCycleState === 'available');
  if (ready.length === 0) {
    const states = [...new Set(targets.map(({ LifeCycleState }) => LifeCycleState))].join(', ');
    return [failed(check, `none is available yet (${states})`, 'Wait until they are')];
  }
  const without = subnets.filter((subnet) => !ready.some(({ SubnetId }) => SubnetId === subnet));
  const covered = ok(check, `${subnets.length - without.length} of ${subnets.length} subnets have one of their own`);
  if (without.length === 0) return [covered];
  const zones = zonesOf(ready).join(', ');
  const remedy = `Make sure that they are in ${zones} of ${vpcsOf(ready).join(', ')}, or create mount targets there`;
  return [
    warning(
      check,
      `${without.join(', ')} have none of their own, and their zones are not to be seen from here`,
      remedy,
    ),
  ];
}

/** Where a subnet has a mount target, its VPC is to be seen. */
export function networkFindings(
  { subnets, securityGroups, assignPublicIp }: Target,
  targets: readonly MountTargetDescription[],
): Finding[] {
  const seen = targets.filter(({ SubnetId }) => subnets.includes(SubnetId ?? ''));
  const vpcs = vpcsOf(seen);
  const findings: Finding[] = [];
  if (vpcs.length > 1) {
    findings.push(
      failed('network', `the subnets are in several VPCs: ${vpcs.join(', ')}`, 'Take ECS_SUBNETS of one VPC'),
    );
  } else if (vpcs[0] !== undefined && seen.length >= subnets.length) {
    findings.push(ok('network', `the subnets are all in ${vpcs[0]}`));
  }
  const malformed = [
    ...subnets.filter((id) => !/^subnet-[0-9a-f]{8,17}$/.test(id)),
    ...securityGroups.filter((id) => !/^sg-[0-9a-f]{8,17}$/.test(id)),
  ];
  if (malformed.length > 0) {
    findings.push(failed('network', `not an id: ${malformed.join(', ')}`, 'Correct ECS_SUBNETS, ECS_SECURITY_GROUPS'));
  }
  const groups = securityGroups.length > 0 ? securityGroups.join(', ') : "the VPC's default group";
  const wayOut = assignPublicIp ? 'a way out for the pull' : 'a way out for the pull (NAT or endpoints)';
  findings.push(
    warning(
      'security groups',
      `what ${groups} lets through is not to be seen from here`,
      `The tasks need TCP 2049 to the mount targets and ${wayOut}; the gateway needs their port`,
    ),
  );
  return findings;
}

function vpcsOf(targets: readonly MountTargetDescription[]): string[] {
  return [...new Set(targets.flatMap(({ VpcId }) => VpcId ?? []))];
}

function zonesOf(targets: readonly MountTargetDescription[]): string[] {
  return [...new Set(targets.map((target) => target.AvailabilityZoneName ?? target.AvailabilityZoneId ?? '?'))];
}

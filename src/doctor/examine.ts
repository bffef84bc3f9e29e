import { DescribeClustersCommand, ListAccountSettingsCommand } from '@aws-sdk/client-ecs';
import {
  DescribeAccessPointsCommand,
  type DescribeAccessPointsCommandOutput,
  DescribeFileSystemsCommand,
  DescribeMountTargetsCommand,
  type MountTargetDescription,
} from '@aws-sdk/client-efs';
import { isAwsError } from '../aws/awsErrors.ts';
import type { Clients } from '../aws/clients.ts';
import { accountSettingFindings } from './accountSettingFindings.ts';
import { clusterFindings } from './clusterFindings.ts';
import { type Finding, ok } from './Finding.ts';
import { fileSystemFindings, mountTargetFindings, networkFindings } from './fileSystemFindings.ts';
import { imageFindings, roleFindings } from './imageFindings.ts';
import { logFindings } from './logFindings.ts';
import { quotaFindings } from './quotaFindings.ts';
import { isCredentialsError, refused } from './refused.ts';
import { arnOf, type Target } from './Target.ts';

const PAGE_SIZE = 1000;

/** Looks at everything that the configuration names, with calls that change nothing. Each check fails on its own. */
export async function examine(target: Target, clients: Clients): Promise<Finding[]> {
  const { ecs, efs } = clients;
  let clusterArn: string | undefined;

  async function cluster(): Promise<Finding[]> {
    try {
      const answer = await ecs.send(new DescribeClustersCommand({ clusters: [target.cluster] }));
      clusterArn = answer.clusters?.[0]?.clusterArn;
      return [ok('credentials', 'AWS takes them'), ...clusterFindings(target, answer)];
    } catch (error) {
      if (isCredentialsError(error)) return [refused('credentials', 'ecs:DescribeClusters', error)];
      if (isAwsError(error, 'ClusterNotFoundException')) return clusterFindings(target, {});
      return [refused('cluster', 'ecs:DescribeClusters', error)];
    }
  }

  async function accountSettings(): Promise<Finding[]> {
    const request = new ListAccountSettingsCommand({ name: 'taskLongArnFormat', effectiveSettings: true });
    return await ecs
      .send(request)
      .then(accountSettingFindings, (error) => [refused('task ARNs', 'ecs:ListAccountSettings', error)]);
  }

  async function fileSystem(): Promise<Finding[]> {
    try {
      const request = new DescribeFileSystemsCommand({ FileSystemId: target.fileSystemId });
      const { FileSystems = [] } = await efs.send(request);
      return fileSystemFindings(target, FileSystems[0]);
    } catch (error) {
      if (isAwsError(error, 'FileSystemNotFound')) return fileSystemFindings(target, undefined);
      return [refused('file system', 'elasticfilesystem:DescribeFileSystems', error)];
    }
  }

  async function mountTargets(): Promise<Finding[]> {
    try {
      const targets = await allMountTargets(clients, target.fileSystemId);
      return [...mountTargetFindings(target, targets), ...(target.local ? [] : networkFindings(target, targets))];
    } catch (error) {
      if (isAwsError(error, 'FileSystemNotFound')) return [];
      return [refused('mount targets', 'elasticfilesystem:DescribeMountTargets', error)];
    }
  }

  async function quotas(): Promise<Finding[]> {
    try {
      return quotaFindings(await countAccessPoints(clients, target.fileSystemId));
    } catch (error) {
      if (isAwsError(error, 'FileSystemNotFound')) return [];
      return [refused('quotas', 'elasticfilesystem:DescribeAccessPoints', error)];
    }
  }

  const seen = await cluster();
  // With wrong credentials every other line would say the same.
  if (seen.some(({ check, verdict }) => check === 'credentials' && verdict === 'failed')) return seen;
  const logs = logFindings(target, clients.once.logs);
  const rest = await Promise.all([accountSettings(), fileSystem(), mountTargets(), quotas(), logs]);
  const account = arnOf(clusterArn ?? '')?.account;
  const roles = target.local ? [] : roleFindings(target, clusterArn);
  return [...seen, ...rest.flat(), ...roles, ...imageFindings(target, account)];
}

async function allMountTargets({ efs }: Clients, FileSystemId: string): Promise<MountTargetDescription[]> {
  const targets: MountTargetDescription[] = [];
  let Marker: string | undefined;
  do {
    const page = await efs.send(new DescribeMountTargetsCommand({ FileSystemId, ...(Marker ? { Marker } : {}) }));
    targets.push(...(page.MountTargets ?? []));
    Marker = page.NextMarker;
  } while (Marker);
  return targets;
}

async function countAccessPoints({ efs }: Clients, FileSystemId: string): Promise<number> {
  let count = 0;
  let NextToken: string | undefined;
  do {
    const request = { FileSystemId, MaxResults: PAGE_SIZE, ...(NextToken ? { NextToken } : {}) };
    const page: DescribeAccessPointsCommandOutput = await efs.send(new DescribeAccessPointsCommand(request));
    count += page.AccessPoints?.length ?? 0;
    NextToken = page.NextToken;
  } while (NextToken);
  return count;
}

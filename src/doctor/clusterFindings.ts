import type { DescribeClustersCommandOutput } from '@aws-sdk/client-ecs';
import { type Finding, failed, ok } from './Finding.ts';
import { arnOf, type Target } from './Target.ts';

/** @param answer of DescribeClusters for the configured cluster */
export function clusterFindings(
  { cluster, region, capacityProviders }: Target,
  { clusters = [] }: Pick<DescribeClustersCommandOutput, 'clusters'>,
): Finding[] {
  const arn = arnOf(cluster);
  if (arn && arn.region !== region) {
    const remedy = 'Set AWS_REGION to the Region of ECS_CLUSTER';
    return [failed('cluster', `${cluster} is in ${arn.region}, and the controller works in ${region}`, remedy)];
  }
  const [found] = clusters;
  if (!found || found.status === 'INACTIVE') {
    const name = cluster.split('/').pop();
    const remedy = `Correct ECS_CLUSTER or AWS_REGION, or create it: aws ecs create-cluster --region ${region} --cluster-name ${name}`;
    return [failed('cluster', `there is no cluster ${cluster} in ${region}`, remedy)];
  }
  if (found.status !== 'ACTIVE') {
    return [failed('cluster', `${cluster} is ${found.status}`, 'Wait until it is ACTIVE, or take another')];
  }
  const { capacityProviders: has = [], runningTasksCount = 0 } = found;
  const missing = capacityProviders.filter((name) => !has.includes(name));
  const active = ok('cluster', `${cluster} is ACTIVE, ${runningTasksCount} tasks run in it`);
  if (missing.length > 0) {
    const remedy =
      'Associate them with aws ecs put-cluster-capacity-providers, or change ECS_CAPACITY_PROVIDERS or WB_PROFILES';
    return [active, failed('capacity', `the cluster has no capacity provider ${missing.join(', ')}`, remedy)];
  }
  if (capacityProviders.length === 0) return [active];
  return [active, ok('capacity', `the cluster has ${capacityProviders.join(', ')}`)];
}

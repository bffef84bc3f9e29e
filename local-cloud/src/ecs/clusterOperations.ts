import { z } from 'zod';
import type { Operations } from '../operation.ts';
import type { EcsContext } from './EcsContext.ts';
import { parseRequest } from './parseRequest.ts';
import { type Tags, tagListOf } from './tags.ts';

const describeRequest = z.object({
  clusters: z.array(z.string()).max(100, 'clusters can have at most 100 items.').optional(),
  include: z.array(z.string()).default([]),
});

const settingsRequest = z
  .object({ name: z.string().optional(), value: z.string().optional(), effectiveSettings: z.boolean().default(false) })
  .refine(({ name, value }) => value === undefined || name !== undefined, 'name can not be blank.');

/** What holds although nobody has set anything. Long ARNs hold the cluster, which is what tags and this local cloud need. */
const settings: Readonly<Record<string, string>> = {
  awsvpcTrunking: 'disabled',
  containerInsights: 'disabled',
  containerInstanceLongArnFormat: 'enabled',
  serviceLongArnFormat: 'enabled',
  tagResourceAuthorization: 'on',
  taskLongArnFormat: 'enabled',
};

export function clusterOperations(context: EcsContext, clusterTags: () => Tags): Operations {
  const { arns, tasks, cluster, accountId, capacityProviders } = context;

  function describe(input: unknown) {
    const { clusters = ['default'], include } = parseRequest(describeRequest, input);
    const found: object[] = [];
    const failures: object[] = [];
    for (const name of clusters) {
      if (name === cluster || name === arns.cluster) found.push(presented(include));
      else failures.push({ arn: name.startsWith('arn:') ? name : siblingArn(name), reason: 'MISSING' });
    }
    return { clusters: found, failures };
  }

  function presented(include: readonly string[]): object {
    const statuses = [...tasks.list({}).after(0)].map(({ lastStatus }) => lastStatus);
    return {
      clusterArn: arns.cluster,
      clusterName: cluster,
      status: 'ACTIVE',
      registeredContainerInstancesCount: 0,
      runningTasksCount: statuses.filter((status) => status === 'RUNNING').length,
      pendingTasksCount: statuses.filter((status) => ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(status)).length,
      activeServicesCount: 0,
      statistics: [],
      tags: include.includes('TAGS') ? tagListOf(clusterTags()) : [],
      settings: include.includes('SETTINGS') ? [{ name: 'containerInsights', value: 'disabled' }] : [],
      capacityProviders,
      defaultCapacityProviderStrategy: [],
    };
  }

  function siblingArn(name: string): string {
    return arns.cluster.slice(0, -cluster.length) + name;
  }

  function listSettings(input: unknown) {
    const { name, value, effectiveSettings } = parseRequest(settingsRequest, input);
    const matching = Object.entries(effectiveSettings ? settings : {}).filter(
      (setting) => (name === undefined || setting[0] === name) && (value === undefined || setting[1] === value),
    );
    const principalArn = `arn:aws:iam::${accountId}:root`;
    return {
      settings: matching.map((setting) => ({ name: setting[0], value: setting[1], principalArn, type: 'user' })),
    };
  }

  return { DescribeClusters: describe, ListAccountSettings: listSettings };
}

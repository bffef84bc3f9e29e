/** What the local cloud consists of where it is not told otherwise. The ids are valid by AWS's patterns. */
export const localDefaults = {
  region: 'us-east-1',
  accountId: '000000000000',
  clusterName: 'default',
  fileSystemId: 'fs-0123456789abcdef0',
  vpcId: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  securityGroups: ['sg-0123456789abcdef0'],
  capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
  logGroup: '/workbenches',
  accessPointQuota: 10_000,
} as const;

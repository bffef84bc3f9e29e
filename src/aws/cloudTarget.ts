/** What a local cloud consists of unless it is told otherwise, wherever it runs. */
export const localDefaults = {
  region: 'us-east-1',
  clusterName: 'default',
  fileSystemId: 'fs-0123456789abcdef0',
  logGroup: '/workbenches',
  subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
} as const;

/** Without one Fargate takes no log driver; nobody assumes it. */
const LOCAL_EXECUTION_ROLE = 'arn:aws:iam::000000000000:role/workbench-execution';

type CloudConfig = Readonly<{
  cloud: 'aws' | 'local';
  region: string | undefined;
  endpoints: Readonly<Record<'ecs' | 'efs' | 'logs', string | undefined>>;
  cluster: string | undefined;
  fileSystemId: string | undefined;
  subnets: readonly string[] | undefined;
  executionRoleArn: string | undefined;
  logGroup: string | undefined;
}>;

/** Where the cloud is and what is used of it, once what the configuration leaves open is filled in. */
export function cloudTarget(config: CloudConfig, embeddedUrl: string | undefined) {
  const local = config.cloud === 'local';
  return {
    local,
    /** Undefined: what the SDK finds in its environment and files. */
    region: config.region ?? (local ? localDefaults.region : undefined),
    ecsEndpoint: embeddedUrl ?? config.endpoints.ecs,
    efsEndpoint: embeddedUrl ?? config.endpoints.efs,
    logsEndpoint: embeddedUrl ?? config.endpoints.logs,
    credentials: local ? { accessKeyId: 'local', secretAccessKey: 'local' } : undefined,
    cluster: config.cluster ?? localDefaults.clusterName,
    fileSystemId: config.fileSystemId ?? localDefaults.fileSystemId,
    subnets: config.subnets ?? localDefaults.subnets,
    executionRoleArn: config.executionRoleArn ?? (local ? LOCAL_EXECUTION_ROLE : undefined),
    /** Undefined: nothing is logged. */
    logGroup: config.logGroup ?? (local ? localDefaults.logGroup : undefined),
  };
}

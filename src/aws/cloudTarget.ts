/** What a local cloud consists of unless it is told otherwise, wherever it runs. */
export const localDefaults = {
  region: 'us-east-1',
  clusterName: 'default',
  fileSystemId: 'fs-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
} as const;

type CloudConfig = Readonly<{
  cloud: 'aws' | 'local';
  region: string | undefined;
  endpoints: Readonly<{ ecs: string | undefined; efs: string | undefined }>;
  cluster: string | undefined;
  fileSystemId: string | undefined;
  subnets: readonly string[] | undefined;
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
    credentials: local ? { accessKeyId: 'local', secretAccessKey: 'local' } : undefined,
    cluster: config.cluster ?? localDefaults.clusterName,
    fileSystemId: config.fileSystemId ?? localDefaults.fileSystemId,
    subnets: config.subnets ?? localDefaults.subnets,
  };
}

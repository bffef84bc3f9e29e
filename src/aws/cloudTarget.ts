import type { Config } from '../config.ts';
import { localDefaults } from '../localcloud/localDefaults.ts';

/** Where the cloud is and what is used of it, once what the configuration leaves open is filled in. */
export function cloudTarget(config: Config, embeddedUrl: string | undefined) {
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

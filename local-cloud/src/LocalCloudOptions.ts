import type { Capacity } from './ecs/EcsDependencies.ts';
import type { OnCall } from './front/AwsCalls.ts';
import type { Logger } from './Logger.ts';
import type { ContainerRuntime } from './runtime/ContainerRuntime.ts';
import type { Timing } from './timing.ts';

export type LocalCloudOptions = Readonly<{
  /** Holds everything that survives a restart. Made if it does not exist; one local cloud at a time. */
  dir: string;
  /** 0: any that is free. */
  port: number;
  host?: string;
  region?: string;
  timing: Timing;
  runtime: ContainerRuntime;
  logger: Logger;
  clusterName?: string;
  fileSystemId?: string;
  subnets?: readonly string[];
  securityGroups?: readonly string[];
  /** Those associated with the cluster; tasks of others than Fargate's run as on EC2. Default: Fargate's two. */
  capacityProviders?: readonly string[];
  /** Those that exist beside the ones that were made here. */
  logGroups?: readonly string[];
  /** Access points a file system can have. */
  accessPointQuota?: number;
  /** How much runs at once; unlimited where nothing is said. */
  capacity?: Capacity;
  onCall?: OnCall;
  /** Decides on faults that have a probability. */
  random?: () => number;
}>;

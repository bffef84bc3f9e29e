import type { Logger } from '../Logger.ts';
import type { LogDestination } from '../logs/createLogs.ts';
import type { Network } from '../network.ts';
import type { Collection } from '../operation.ts';
import type { ContainerLog, ContainerRuntime } from '../runtime/ContainerRuntime.ts';
import type { Timing } from '../timing.ts';
import type { StoredTaskDefinition } from './StoredTaskDefinition.ts';

/** A file system, or the part of it that an access point shows, as a folder of the host. */
export type MountedFolder = Readonly<{ folder: string; user: Readonly<{ uid: number; gid: number }> | undefined }>;

/** How much runs at once. What is left out is unlimited; read at each RunTask. */
export type Capacity = { vcpu?: number; memoryMiB?: number; gpus?: number; tasks?: number };

export type EcsDependencies = Readonly<{
  region: string;
  accountId: string;
  /** The name of the only cluster. */
  cluster: string;
  network: Network;
  /** Those associated with the cluster. Others than Fargate's run tasks as on EC2. */
  capacityProviders: readonly string[];
  taskDefinitions: Collection<StoredTaskDefinition>;
  /** The last revision of each family, which outlives the family's task definitions. */
  revisions: Collection<number>;
  /** Read at each use: it may change at any time. */
  timing: { readonly current: Timing };
  /** Opened by the caller, closed by `close()`. */
  runtime: ContainerRuntime;
  /** @throws AwsError when the file system or the access point is missing */
  mountSource(
    fileSystemId: string,
    accessPointId: string | undefined,
    rootDirectory: string | undefined,
  ): MountedFolder;
  /** Takes what a container prints. @throws AwsError when the log group is missing */
  openLog(destination: LogDestination): ContainerLog;
  capacity: Readonly<Capacity>;
  logger: Logger;
  /** Milliseconds since the epoch. */
  now(): number;
  randomHex(bytes: number): string;
}>;

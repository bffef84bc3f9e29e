import type { Network } from '../network.ts';
import type { Collection } from '../operation.ts';
import type { Timing } from '../timing.ts';
import type { AccessPointState, FileSystem } from './AccessPoint.ts';
import type { AccessPointStore } from './AccessPointStore.ts';
import type { FileSystemFolders } from './FileSystemFolders.ts';

/** What EFS's operations work on. */
export type EfsState = Readonly<{
  accountId: string;
  /** `arn:aws:elasticfilesystem:<region>:<account>` */
  arnPrefix: string;
  network: Network;
  accessPoints: AccessPointStore;
  /** Where it isn't `available`. */
  lifeCycleStates: Map<string, AccessPointState>;
  fileSystems: Collection<FileSystem>;
  folders: FileSystemFolders;
  /** For each file system. */
  accessPointQuota: number;
  timing: { readonly current: Timing };
  randomHex(bytes: number): string;
}>;

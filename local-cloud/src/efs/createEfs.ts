import type { Network } from '../network.ts';
import type { Collection, Operations } from '../operation.ts';
import type { Timing } from '../timing.ts';
import type { AccessPoint, AccessPointState, FileSystem } from './AccessPoint.ts';
import { AccessPointStore } from './AccessPointStore.ts';
import { accessPointOperations } from './accessPoints.ts';
import type { EfsState } from './EfsState.ts';
import { FileSystemFolders } from './FileSystemFolders.ts';
import { fileSystemOperations } from './fileSystems.ts';
import { mountSource } from './mountSource.ts';
import { mountTargetOperations } from './mountTargets.ts';
import { tagOperations } from './tags.ts';

export type EfsDependencies = Readonly<{
  region: string;
  accountId: string;
  /** The file system that exists; made if it does not. */
  fileSystemId: string;
  network: Network;
  accessPoints: Collection<AccessPoint>;
  fileSystems: Collection<FileSystem>;
  /** Where the file systems' contents are. */
  dir: string;
  accessPointQuota: number;
  timing: { readonly current: Timing };
  /** Milliseconds since the epoch. */
  now(): number;
  randomHex(bytes: number): string;
}>;

export type Efs = Readonly<{
  operations: Operations;
  /** @see mountSource */
  mountSource(
    fileSystemId: string,
    accessPointId: string | undefined,
    rootDirectory: string | undefined,
  ): { folder: string; user: { uid: number; gid: number } | undefined };
  accessPoints(): Iterable<AccessPoint>;
  /** As AWS itself does when something is wrong with one: for tests and simulations. Forgotten at a restart. */
  setAccessPointState(accessPointId: string, state: AccessPointState): void;
  /** Where a directory of the file system is on the host. */
  pathOf(fileSystemId: string, path: string): string;
}>;

export function createEfs(dependencies: EfsDependencies): Efs {
  const { region, accountId, fileSystemId, fileSystems, network, accessPointQuota, timing } = dependencies;
  const folders = new FileSystemFolders(dependencies.dir);
  if (fileSystems.get(fileSystemId) === undefined) {
    fileSystems.set(fileSystemId, {
      id: fileSystemId,
      creationToken: `local-cloud-${fileSystemId}`,
      createdAt: Math.floor(dependencies.now() / 1000),
      tags: [],
    });
  }
  folders.create(fileSystemId);
  const state: EfsState = {
    accountId,
    arnPrefix: `arn:aws:elasticfilesystem:${region}:${accountId}`,
    network,
    accessPoints: new AccessPointStore(dependencies.accessPoints),
    lifeCycleStates: new Map(),
    fileSystems,
    folders,
    accessPointQuota,
    timing,
    randomHex: (bytes) => dependencies.randomHex(bytes),
  };
  return {
    operations: {
      ...accessPointOperations(state),
      ...tagOperations(state),
      ...fileSystemOperations(state),
      ...mountTargetOperations(state),
    },
    mountSource: (...mount) => mountSource(state, ...mount),
    accessPoints: () => dependencies.accessPoints.values(),
    setAccessPointState: (id, lifeCycleState) => void state.lifeCycleStates.set(id, lifeCycleState),
    pathOf: (id, path) => folders.pathOf(id, path),
  };
}

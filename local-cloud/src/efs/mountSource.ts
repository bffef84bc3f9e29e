import { AwsError } from '../awsError.ts';
import type { EfsState } from './EfsState.ts';
import { accessPointNotFound, fileSystemNotFound } from './notFound.ts';

/**
 * What a task that mounts a file system, or an access point of it, gets to see: a folder of the host, made now if this
 * is the access point's first mount, and the user on whose behalf files are written there.
 * @param rootDirectory without an access point: the directory of the file system that is mounted
 * @throws AwsError in the words of a mount that fails
 */
export function mountSource(
  { accessPoints, lifeCycleStates, fileSystems, folders }: EfsState,
  fileSystemId: string,
  accessPointId: string | undefined,
  rootDirectory: string | undefined,
): { folder: string; user: { uid: number; gid: number } | undefined } {
  if (fileSystems.get(fileSystemId) === undefined) throw fileSystemNotFound(fileSystemId);
  if (accessPointId === undefined) {
    return { folder: folders.mount(fileSystemId, { Path: rootDirectory ?? '/' }), user: undefined };
  }
  const accessPoint = accessPoints.get(accessPointId);
  // An access point cannot be mounted through another file system than its own.
  if (accessPoint?.fileSystemId !== fileSystemId) throw accessPointNotFound(accessPointId);
  if (lifeCycleStates.get(accessPointId) === 'error') throw new AwsError('BadRequest', 'mount.nfs4: access denied');
  const { posixUser, rootDirectory: root } = accessPoint;
  return {
    folder: folders.mount(fileSystemId, root),
    user: posixUser === undefined ? undefined : { uid: posixUser.Uid, gid: posixUser.Gid },
  };
}

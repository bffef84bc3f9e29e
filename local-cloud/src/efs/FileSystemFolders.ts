import { chmodSync, chownSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { AwsError } from '../awsError.ts';
import type { RootDirectory } from './AccessPoint.ts';

/** The file systems' contents: a folder of the host for each, `<root>/<file system id>`. */
export class FileSystemFolders {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** Makes sure that a file system has its folder. */
  create(fileSystemId: string): void {
    mkdirSync(this.pathOf(fileSystemId, '/'), { recursive: true });
  }

  /** Where a directory of a file system is on the host, whether it exists or not. @throws AwsError if it is outside */
  pathOf(fileSystemId: string, path: string): string {
    const top = join(this.#root, fileSystemId);
    const folder = join(top, path);
    if (!`${folder}${sep}`.startsWith(`${top}${sep}`)) throw noSuchDirectory(path);
    // join leaves a trailing slash as it finds it.
    return resolve(folder);
  }

  /** As the first mount does on EFS: makes the directory if it is to be made. @throws AwsError if there is none */
  mount(fileSystemId: string, { Path, CreationInfo }: RootDirectory): string {
    const folder = this.pathOf(fileSystemId, Path);
    if (this.#isDirectory(fileSystemId, Path)) return folder;
    if (CreationInfo === undefined) throw noSuchDirectory(Path);
    mkdirSync(folder, { recursive: true });
    // mkdir's own mode would be subject to the umask.
    chmodSync(folder, Number.parseInt(CreationInfo.Permissions, 8));
    try {
      chownSync(folder, CreationInfo.OwnerUid, CreationInfo.OwnerGid);
    } catch {
      // Only root may give folders away. Without privileges the tasks run as this user, and the folder is theirs.
    }
    return folder;
  }

  /** Never touches data: rmdir refuses a directory that has any. Leaves the file system's own folder alone. */
  removeIfEmpty(fileSystemId: string, path: string): void {
    if (path === '/') return;
    try {
      rmdirSync(this.pathOf(fileSystemId, path));
    } catch {
      // Not empty, or never mounted: both are as they should be.
    }
  }

  /** @throws AwsError if the way there is by a link: tasks write here, and a link of theirs could lead anywhere */
  #isDirectory(fileSystemId: string, path: string): boolean {
    let folder = this.pathOf(fileSystemId, '/');
    for (const level of path.split('/').filter((name) => name !== '')) {
      folder = join(folder, level);
      const found = lstatSync(folder, { throwIfNoEntry: false });
      if (found === undefined) return false;
      if (!found.isDirectory()) throw noSuchDirectory(path);
    }
    return true;
  }
}

function noSuchDirectory(path: string): AwsError {
  return new AwsError(
    'BadRequest',
    `mount.nfs4: mounting ${path} failed, reason given by server: No such file or directory`,
  );
}

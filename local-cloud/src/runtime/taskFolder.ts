import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ContainerSpec } from './ContainerRuntime.ts';

/** A path by its meaning, wherever it lies. Whoever uses it may make its last part, but not what leads there. */
export const workspaceVariable = 'WORKSPACE_PATH';

export type TaskFolder = Readonly<{ path: string; root: string; temporary: string; log: string }>;

/**
 * Stands in for a container's file system: `root` is what `/` would be, as far as mounts and the workspace go.
 * Each mount is a symlink there, so that its files stay where they are.
 */
export async function createTaskFolder(tasksFolder: string, spec: ContainerSpec): Promise<TaskFolder> {
  const path = join(tasksFolder, spec.taskId);
  const folder = { path, root: join(path, 'root'), temporary: join(path, 'tmp'), log: join(path, 'log') };
  await mkdir(folder.root, { recursive: true });
  await mkdir(folder.temporary);
  for (const { source, containerPath } of spec.mounts) {
    const link = join(folder.root, containerPath);
    await mkdir(dirname(link), { recursive: true });
    await symlink(source, link);
  }
  const workspace = spec.environment[workspaceVariable];
  if (workspace?.startsWith('/')) await mkdir(dirname(join(folder.root, workspace)), { recursive: true });
  return folder;
}

/** Leaves the log, for whoever wonders why the task ended. */
export async function emptyTaskFolder(folder: TaskFolder): Promise<void> {
  const entries = await readdir(folder.path);
  const doomed = entries.map((entry) => join(folder.path, entry)).filter((entry) => entry !== folder.log);
  // A process that was killed a moment ago may still be writing; symlinks are removed, never followed.
  await Promise.all(doomed.map((entry) => rm(entry, { recursive: true, force: true, maxRetries: 5 })));
}

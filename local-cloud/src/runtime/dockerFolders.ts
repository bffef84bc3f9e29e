import { chown, stat } from 'node:fs/promises';
import { getuid } from 'node:process';
import type { Logger } from '../Logger.ts';
import type { ContainerSpec } from './ContainerRuntime.ts';
import { directoryLabel } from './dockerContainerOptions.ts';
import type { ContainerEngine } from './dockerEngine.ts';

const mountPoint = '/folder';

/**
 * Gives what is mounted to the POSIX user, as EFS does at the first mount. Without privileges only the engine can: by
 * a container of the same image that runs `chown` as root.
 */
export async function giveFolders(
  engine: ContainerEngine,
  spec: ContainerSpec,
  directory: string,
  logger: Logger,
): Promise<void> {
  if (spec.user === undefined) return;
  for (const { source } of spec.mounts) {
    if (await belongsTo(source, spec.user, engine)) continue;
    if (
      !engine.rootless &&
      (await chown(source, spec.user.uid, spec.user.gid).then(
        () => true,
        () => false,
      ))
    )
      continue;
    await chownInside(engine, spec, source, directory).catch((error: unknown) =>
      logger.warn({ err: error, folder: source, user: spec.user }, 'the folder stays whose it is'),
    );
  }
}

/** A rootless engine's users have other numbers here: but as long as the folder is ours, it isn't theirs. */
async function belongsTo(
  folder: string,
  user: Readonly<{ uid: number; gid: number }>,
  { rootless }: ContainerEngine,
): Promise<boolean> {
  const { uid, gid } = await stat(folder);
  if (rootless) return user.uid === 0 ? uid === getuid?.() : uid !== getuid?.();
  return uid === user.uid && gid === user.gid;
}

async function chownInside(
  { docker }: ContainerEngine,
  { image, user, taskId }: ContainerSpec,
  folder: string,
  directory: string,
): Promise<void> {
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: ['chown', `${user?.uid}:${user?.gid}`, mountPoint],
    Cmd: [],
    User: '0:0',
    Labels: { [directoryLabel]: directory, 'workbench.local-cloud.task': taskId },
    HostConfig: {
      Mounts: [{ Type: 'bind', Source: folder, Target: mountPoint }],
      NetworkMode: 'none',
      SecurityOpt: ['label=disable'],
    },
  });
  try {
    await container.start();
    const { StatusCode } = await container.wait();
    if (StatusCode !== 0) throw new Error(`chown in ${image} exited with ${StatusCode}`);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

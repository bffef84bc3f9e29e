import Docker from 'dockerode';

/** What the suite builds its own images from. */
export const busyboxImage = process.env['TEST_BUSYBOX_IMAGE'] ?? 'docker.io/library/busybox:stable';

/** The engine as the tests look at it: what is really there, beside what the product says. */
export const docker = new Docker();

const directoryLabel = 'workbench.local-cloud.dir';

/** Everything on the engine that belongs to a local cloud below this folder. */
export async function containersOf(folder: string): Promise<Docker.ContainerInfo[]> {
  const containers = await docker.listContainers({ all: true, filters: { label: [directoryLabel] } });
  return containers.filter(({ Labels }) => Labels[directoryLabel]?.startsWith(folder));
}

/** Runs a command in a running container, as its own user. */
export async function runInside(containerId: string, script: string): Promise<string> {
  const exec = await docker
    .getContainer(containerId)
    .exec({ Cmd: ['sh', '-c', script], AttachStdout: true, AttachStderr: true, Tty: true });
  const output = await exec.start({ Tty: true });
  let text = '';
  for await (const chunk of output) text += String(chunk);
  return text.replaceAll('\r\n', '\n').trimEnd();
}

import { dirname, join } from 'node:path';
import type { ContainerSpec, PortBinding } from './ContainerRuntime.ts';
import { type TaskFolder, workspaceVariable } from './taskFolder.ts';

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/opt/homebrew/bin'];

/**
 * All that the process sees of the environment: nothing of ours, which holds secrets. Paths that would lie on a mount
 * are moved below the folder that stands in for `/`, and ports are those of the host.
 */
export function processEnvironment(
  spec: ContainerSpec,
  folder: TaskFolder,
  ports: readonly PortBinding[],
  nodePath: string,
): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: [dirname(nodePath), ...systemPath].join(':'),
    HOME: folder.path,
    TMPDIR: folder.temporary,
    LANG: 'C.UTF-8',
  };
  for (const [name, value] of Object.entries(spec.environment)) {
    environment[name] = isPath(spec, name, value) ? join(folder.root, value) : value;
  }
  const ownPort = ports.find(({ containerPort }) => String(containerPort) === environment['PORT']);
  if (ownPort !== undefined) environment['PORT'] = String(ownPort.hostPort);
  return { ...environment, HOST: '127.0.0.1' };
}

function isPath(spec: ContainerSpec, name: string, value: string): boolean {
  // Other variables are moved only when they name something on a mount.
  if (name === workspaceVariable) return value.startsWith('/');
  return spec.mounts.some(({ containerPath }) => value === containerPath || value.startsWith(`${containerPath}/`));
}

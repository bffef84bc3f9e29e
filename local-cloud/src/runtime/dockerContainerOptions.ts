import type { ContainerCreateOptions } from 'dockerode';
import type { ContainerSpec, Mount } from './ContainerRuntime.ts';

/** Tells the containers of one local cloud from all others, by the folder that they may write to. */
export const directoryLabel = 'workbench.local-cloud.dir';

const mebibyte = 2 ** 20;

/** @param cpus how many the engine has: it refuses more */
export function dockerContainerOptions(spec: ContainerSpec, directory: string, cpus: number): ContainerCreateOptions {
  const ports = spec.containerPorts.map((port) => `${port}/tcp`);
  const memory = spec.memoryMiB * mebibyte;
  return {
    name: `${spec.family}-${spec.taskId}`,
    Image: spec.image,
    ...(spec.entryPoint.length > 0 ? { Entrypoint: [...spec.entryPoint] } : {}),
    ...(spec.command.length > 0 ? { Cmd: [...spec.command] } : {}),
    ...(spec.user ? { User: `${spec.user.uid}:${spec.user.gid}` } : {}),
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    Labels: {
      [directoryLabel]: directory,
      'workbench.local-cloud.task': spec.taskId,
      'workbench.local-cloud.family': spec.family,
    },
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    // ECS looks at the task definition's health check only, and here it is run from outside.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      Mounts: [...spec.mounts, ...workspaceMount(spec)].map(({ source, containerPath, readOnly }) => ({
        Type: 'bind',
        Source: source,
        Target: containerPath,
        ReadOnly: readOnly,
      })),
      PortBindings: Object.fromEntries(ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]])),
      // As much swap as memory, counted together: none, as on Fargate.
      ...(memory > 0 ? { Memory: memory, MemorySwap: memory } : {}),
      ...(spec.cpu > 0 ? { NanoCpus: Math.round(Math.min(spec.cpu / 1024, cpus) * 1e9) } : {}),
      // Where SELinux is on, it would keep the container from the mounted folder.
      SecurityOpt: ['label=disable'],
    },
  };
}

/**
 * A workbench makes its workspace a symlink to its storage, which takes a user who may write next to it. On Fargate the
 * image's own user is that; here it is the POSIX user, who may well not. So the workspace is the storage from the start.
 */
function workspaceMount({ mounts, environment }: ContainerSpec): Mount[] {
  const workspace = environment['WORKSPACE_PATH'];
  const storage = mounts.find(({ containerPath }) => containerPath === environment['WORKBENCH_STORAGE']);
  if (storage === undefined || !workspace?.startsWith('/') || workspace === storage.containerPath) return [];
  return [{ ...storage, containerPath: workspace }];
}

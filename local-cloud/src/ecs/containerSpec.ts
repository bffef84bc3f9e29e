import type { ContainerSpec, Mount } from '../runtime/ContainerRuntime.ts';
import type { EcsDependencies, MountedFolder } from './EcsDependencies.ts';
import type { Task } from './Task.ts';
import { sizeOf } from './TaskStore.ts';

const defaultStopTimeoutSeconds = 30;

type MountSource = EcsDependencies['mountSource'];

/**
 * The task's container with its overrides, and its EFS volumes as folders. Volumes of other kinds are not mounted.
 * @throws whatever `mountSource` throws
 */
export function containerSpec({ id, definition, overrides, ...task }: Task, mountSource: MountSource): ContainerSpec {
  const [container] = definition.containerDefinitions;
  if (container === undefined) throw new Error(`The task definition ${definition.taskDefinitionArn} has no container`);
  const override = overrides.containerOverrides.find(({ name }) => name === container.name);
  const environment = [...container.environment, ...(override?.environment ?? [])];
  const { mounts, user } = resolveMounts(definition, mountSource);
  const { vcpu, memoryMiB } = sizeOf({ ...task, definition, overrides });
  return {
    taskId: id,
    family: definition.family,
    name: container.name,
    image: container.image,
    entryPoint: container.entryPoint ?? [],
    command: override?.command ?? container.command ?? [],
    environment: Object.fromEntries(environment.map(({ name, value }) => [name, value])),
    mounts,
    user,
    containerPorts: container.portMappings.flatMap(({ containerPort }) => containerPort ?? []),
    cpu: vcpu * 1024,
    memoryMiB,
    stopTimeoutSeconds: container.stopTimeout ?? defaultStopTimeoutSeconds,
    healthCheck: container.healthCheck && {
      command: container.healthCheck.command,
      intervalSeconds: container.healthCheck.interval,
      timeoutSeconds: container.healthCheck.timeout,
      retries: container.healthCheck.retries,
      startPeriodSeconds: container.healthCheck.startPeriod ?? 0,
    },
  };
}

function resolveMounts(
  definition: Task['definition'],
  mountSource: MountSource,
): { mounts: Mount[]; user: MountedFolder['user'] } {
  const folders = new Map<string, MountedFolder>();
  for (const { name, efsVolumeConfiguration: efs } of definition.volumes) {
    if (efs === undefined) continue;
    folders.set(name, mountSource(efs.fileSystemId, efs.authorizationConfig?.accessPointId, efs.rootDirectory));
  }
  const mounts: Mount[] = [];
  for (const { mountPoints } of definition.containerDefinitions) {
    for (const { sourceVolume, containerPath, readOnly = false } of mountPoints) {
      const source = folders.get(sourceVolume)?.folder;
      if (source !== undefined) mounts.push({ source, containerPath, readOnly });
    }
  }
  return { mounts, user: [...folders.values()].find((folder) => folder.user !== undefined)?.user };
}

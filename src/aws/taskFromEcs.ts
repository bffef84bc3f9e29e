import type { Container, Task as EcsTask } from '@aws-sdk/client-ecs';
import { isSize } from '../workbench/model/fargateSizes.ts';
import type { Task, TaskEnd, TaskTimes } from '../workbench/model/Task.ts';
import { CONTAINER_NAME, workbenchIdOf } from './taskDefinition.ts';

/** The last part of a task's ARN, which every ECS call takes together with the cluster. */
export function taskIdOf(arn: string | undefined): string {
  return arn?.split('/').pop() ?? '';
}

/** ECS's task as ours; statuses are an open set. */
export function taskFromEcs(task: EcsTask, stack: string, containerPort: number): Task {
  const container = task.containers?.find(({ name }) => name === CONTAINER_NAME) ?? task.containers?.[0];
  const status = task.lastStatus?.toLowerCase() ?? 'provisioning';
  return {
    id: taskIdOf(task.taskArn),
    workbenchId: workbenchIdOf(stack, task.taskDefinitionArn),
    status,
    toStop: task.desiredStatus === 'STOPPED',
    // Only a purge overrides the command; StopTask deletes tags, overrides stay.
    purge: task.overrides?.containerOverrides?.some(({ command }) => command && command.length > 0) ?? false,
    address: addressOf(task, container, containerPort),
    times: timesOf(task),
    image: container?.image,
    imageDigest: container?.imageDigest,
    size: sizeOf(task),
    end: status === 'stopped' || status === 'deleted' ? endOf(task, container) : undefined,
  };
}

function timesOf({ createdAt, connectivityAt, pullStartedAt, pullStoppedAt }: EcsTask): TaskTimes {
  return {
    createdAt: createdAt?.getTime(),
    connectivityAt: connectivityAt?.getTime(),
    pullStartedAt: pullStartedAt?.getTime(),
    pullStoppedAt: pullStoppedAt?.getTime(),
  };
}

function sizeOf({ cpu, memory }: EcsTask): Task['size'] {
  const size = { cpu: Number(cpu), memory: Number(memory) };
  return isSize(size) ? size : undefined;
}

function endOf(task: EcsTask, container: Container | undefined): TaskEnd {
  return {
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    exitCode: container?.exitCode,
    containerReason: container?.reason,
  };
}

/** With a network interface of its own, its address and the container's port; else what the host published. */
function addressOf(task: EcsTask, container: Container | undefined, containerPort: number): Task['address'] {
  const binding = container?.networkBindings?.find((one) => one.containerPort === containerPort);
  if (binding?.hostPort && binding.bindIP && binding.bindIP !== '0.0.0.0') {
    return { host: binding.bindIP, port: binding.hostPort };
  }
  const host =
    container?.networkInterfaces?.find(({ privateIpv4Address }) => privateIpv4Address)?.privateIpv4Address ??
    task.attachments
      ?.find(({ type }) => type === 'ElasticNetworkInterface')
      ?.details?.find(({ name }) => name === 'privateIPv4Address')?.value;
  return host ? { host, port: containerPort } : undefined;
}

import type { HealthStatus } from '../runtime/ContainerRuntime.ts';
import type { EcsContext } from './EcsContext.ts';
import type { Task } from './Task.ts';
import { tagListOf } from './tags.ts';

const loopback = '127.0.0.1';

type Place = Pick<EcsContext, 'arns' | 'region'>;

/** A task as DescribeTasks answers it. @param withTags whether tags were asked for */
export function presentTask(task: Task, { arns, region }: Place, withTags: boolean): Record<string, unknown> {
  const fargate = task.launchType === 'FARGATE';
  return {
    taskArn: task.arn,
    clusterArn: arns.cluster,
    taskDefinitionArn: task.definition.taskDefinitionArn,
    group: task.group,
    startedBy: task.startedBy,
    launchType: task.launchType,
    capacityProviderName: task.capacityProviderName,
    platformVersion: task.platformVersion,
    platformFamily: fargate ? 'Linux' : undefined,
    availabilityZone: task.zone,
    attributes: [{ name: 'ecs.cpu-architecture', value: architectureOf(task) }],
    cpu: task.cpu,
    memory: task.memory,
    ephemeralStorage: fargate ? { sizeInGiB: ephemeralGiB(task) } : undefined,
    enableExecuteCommand: task.enableExecuteCommand,
    overrides: task.overrides,
    inferenceAccelerators: [],
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    healthStatus: healthOf(task),
    connectivity: task.connectivityAt === undefined ? undefined : 'CONNECTED',
    connectivityAt: seconds(task.connectivityAt),
    createdAt: seconds(task.createdAt),
    pullStartedAt: seconds(task.pullStartedAt),
    pullStoppedAt: seconds(task.pullStoppedAt),
    startedAt: seconds(task.startedAt),
    stoppingAt: seconds(task.stoppingAt),
    executionStoppedAt: seconds(task.executionStoppedAt),
    stoppedAt: seconds(task.stoppedAt),
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    version: task.version,
    attachments: attachments(task, region),
    containers: containers(task, arns),
    tags: withTags ? tagListOf(task.tags) : [],
  };
}

/** All that a replayed RunTask says about a task that has stopped. */
export function presentStoppedTask({ arn, lastStatus, desiredStatus }: Task): Record<string, unknown> {
  return { taskArn: arn, lastStatus, desiredStatus };
}

function attachments(task: Task, region: string): object[] {
  if (task.subnet === undefined) return [];
  const status =
    task.lastStatus === 'PROVISIONING' ? 'PRECREATED' : task.lastStatus === 'STOPPED' ? 'DELETED' : 'ATTACHED';
  const details = [{ name: 'subnetId', value: task.subnet }];
  if (task.connectivityAt !== undefined) {
    details.push(
      { name: 'networkInterfaceId', value: `eni-${task.interfaceId}` },
      { name: 'macAddress', value: '02:00:7f:00:00:01' },
      { name: 'privateDnsName', value: `ip-127-0-0-1.${region}.compute.internal` },
      { name: 'privateIPv4Address', value: loopback },
    );
  }
  return [{ id: task.attachmentId, type: 'ElasticNetworkInterface', status, details }];
}

function containers(task: Task, arns: Place['arns']): object[] {
  return task.definition.containerDefinitions.map((container) => ({
    containerArn: arns.container(task.id, task.containerId),
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    imageDigest: task.container?.imageDigest,
    runtimeId: task.container?.runtimeId,
    lastStatus: containerStatus(task),
    exitCode: task.exitCode,
    reason: task.exitReason,
    // Fargate leaves this empty; here it tells where the container's ports really are.
    networkBindings: task.ports.map(({ containerPort, hostPort }) => ({
      bindIP: loopback,
      containerPort,
      hostPort,
      protocol: 'tcp',
    })),
    networkInterfaces:
      task.subnet === undefined || task.connectivityAt === undefined
        ? []
        : [{ attachmentId: task.attachmentId, privateIpv4Address: loopback }],
    healthStatus: healthOf(task),
    cpu: String(container.cpu),
    memory: container.memory === undefined ? undefined : String(container.memory),
    memoryReservation: container.memoryReservation === undefined ? undefined : String(container.memoryReservation),
  }));
}

/** Containers know three states, and theirs is not always the task's. */
function containerStatus(task: Task): 'PENDING' | 'RUNNING' | 'STOPPED' {
  if (task.executionStoppedAt !== undefined || task.lastStatus === 'STOPPED') return 'STOPPED';
  return task.container === undefined ? 'PENDING' : 'RUNNING';
}

function healthOf(task: Task): HealthStatus {
  return task.container?.health() ?? task.health;
}

function architectureOf({ definition }: Task): string {
  return definition.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64';
}

function ephemeralGiB({ overrides, definition }: Task): number {
  return overrides.ephemeralStorage?.sizeInGiB ?? definition.ephemeralStorage?.sizeInGiB ?? 20;
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

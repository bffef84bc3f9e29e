import type { ContainerLog, HealthStatus, PortBinding, RunningContainer } from '../runtime/ContainerRuntime.ts';
import type { TaskOverride } from './runTaskRequest.ts';
import type { StoredTaskDefinition } from './StoredTaskDefinition.ts';
import type { Tags } from './tags.ts';

export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

export type StopCode =
  | 'TaskFailedToStart'
  | 'EssentialContainerExited'
  | 'UserInitiated'
  | 'ServiceSchedulerInitiated'
  | 'SpotInterruption'
  | 'TerminationNotice';

/** What RunTask settles about a task once and for all. */
export type TaskPlan = Readonly<{
  id: string;
  arn: string;
  /** Counts the tasks: the order in which they are listed. */
  sequence: number;
  definition: StoredTaskDefinition;
  overrides: TaskOverride;
  cpu: string | undefined;
  memory: string | undefined;
  launchType: 'EC2' | 'FARGATE' | 'EXTERNAL' | 'MANAGED_INSTANCES';
  capacityProviderName: string | undefined;
  platformVersion: string | undefined;
  group: string;
  startedBy: string | undefined;
  enableExecuteCommand: boolean;
  subnet: string | undefined;
  zone: string;
  clientToken: string | undefined;
  containerId: string;
  attachmentId: string;
  interfaceId: string;
  createdAt: number;
  /** Until then, DescribeTasks and ListTasks don't know it. */
  visibleFrom: number;
}>;

/** A task and how it is doing. Times are in milliseconds. */
export type Task = TaskPlan & {
  /** Aborted when the task has to end, whatever it is about. */
  readonly stopping: AbortController;
  tags: Tags;
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  version: number;
  connectivityAt: number | undefined;
  pullStartedAt: number | undefined;
  pullStoppedAt: number | undefined;
  startedAt: number | undefined;
  stoppingAt: number | undefined;
  executionStoppedAt: number | undefined;
  stoppedAt: number | undefined;
  stopCode: StopCode | undefined;
  stoppedReason: string | undefined;
  container: RunningContainer | undefined;
  log: ContainerLog | undefined;
  ports: readonly PortBinding[];
  exitCode: number | undefined;
  exitReason: string | undefined;
  /** The last one known: what a container that is no more had. */
  health: HealthStatus;
};

export function createTask(plan: TaskPlan, tags: Tags): Task {
  return {
    ...plan,
    stopping: new AbortController(),
    tags,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    version: 1,
    connectivityAt: undefined,
    pullStartedAt: undefined,
    pullStoppedAt: undefined,
    startedAt: undefined,
    stoppingAt: undefined,
    executionStoppedAt: undefined,
    stoppedAt: undefined,
    stopCode: undefined,
    stoppedReason: undefined,
    container: undefined,
    log: undefined,
    ports: [],
    exitCode: undefined,
    exitReason: undefined,
    health: 'UNKNOWN',
  };
}

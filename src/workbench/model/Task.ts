import type { Size } from './fargateSizes.ts';

/** How a task ended, in ECS's words. */
export type TaskEnd = Readonly<{
  stopCode: string | undefined;
  stoppedReason: string | undefined;
  exitCode: number | undefined;
  /** `containers[].reason`, e.g. `OutOfMemoryError: Container killed due to memory usage`. */
  containerReason: string | undefined;
}>;

/** When a task on its way up got where, in milliseconds since the epoch. What hasn't been, or what ECS doesn't say, is undefined. */
export type TaskTimes = Readonly<
  Record<'createdAt' | 'connectivityAt' | 'pullStartedAt' | 'pullStoppedAt', number | undefined>
>;

/** A task as ECS shows it. */
export type Task = Readonly<{
  id: string;
  /** The workbench that its task definition family names. */
  workbenchId: string | undefined;
  /** ECS's lastStatus in lower case; an open set. */
  status: string;
  /** ECS's desiredStatus is STOPPED: it won't run again, whatever its status says yet. */
  toStop: boolean;
  /** Empties the storage for a destroy; it is not the workbench itself. */
  purge: boolean;
  /** Where the container's port can be reached, as soon as ECS says so. */
  address: Readonly<{ host: string; port: number }> | undefined;
  times: TaskTimes;
  /** The image as its definition names it, what that was when it was pulled, and its size; where ECS says so. */
  image: string | undefined;
  imageDigest: string | undefined;
  size: Size | undefined;
  /** Once it has ended. */
  end: TaskEnd | undefined;
}>;

const ended: ReadonlySet<string> = new Set(['stopped', 'deleted']);
const goingDown: ReadonlySet<string> = new Set(['deactivating', 'stopping', 'deprovisioning']);

export function hasEnded({ status }: Task): boolean {
  return ended.has(status);
}

/** It runs, and is meant to. */
export function isUp(task: Task | undefined): boolean {
  return task?.status === 'running' && !task.toStop;
}

/** Still there, but never to run again. */
export function isGoingDown(task: Task): boolean {
  return !hasEnded(task) && (task.toStop || goingDown.has(task.status));
}

import { hasEnded, type Task } from './Task.ts';
import { lastTask, outstandingGeneration, type Workbench } from './Workbench.ts';

/** How long ECS may take to show a task after RunTask. Seen: about a second; a task missing for longer is gone. */
export const VISIBILITY_GRACE_MS = 30_000;

/** The contract's statuses: these three, or the ECS status in lower case (an open set). */
export type Status = 'stopped' | 'starting' | 'destroying' | (string & {});

/** Too young for its absence to mean anything. */
export function mayStillAppear(launchedAt: number, now: number): boolean {
  return now - launchedAt < VISIBILITY_GRACE_MS;
}

/**
 * What a workbench is doing, from its record and the task that the record names as ECS shows it now.
 * @param task undefined: ECS was asked and doesn't show the task
 */
export function statusOf(workbench: Workbench, task: Task | undefined, now: number): Status {
  if (workbench.destroy) return 'destroying';
  if (outstandingGeneration(workbench) !== undefined) return 'starting';
  const last = lastTask(workbench);
  if (!last) return 'stopped';
  if (!task) return mayStillAppear(last.launchedAt, now) ? 'starting' : 'stopped';
  return hasEnded(task) ? 'stopped' : task.status;
}

import type { Context } from '../../lib/Context.ts';
import { hasEnded, type Task } from './Task.ts';
import { lastTask, outstandingGeneration, type Workbench } from './Workbench.ts';

/** When something is decided, and how long ECS may then have taken to show a task. Milliseconds. */
export type Moment = Readonly<{ now: number; visibilityGraceMs: number }>;

export function momentOf({ clock, timings }: Pick<Context, 'clock' | 'timings'>): Moment {
  return { now: clock.now(), visibilityGraceMs: timings.visibilityGraceMs };
}

/** The contract's statuses: these three, or the ECS status in lower case (an open set). */
export type Status = 'stopped' | 'starting' | 'destroying' | (string & {});

/** Too young for its absence to mean anything. A launch to come, beyond what clocks differ, is no launch. */
export function mayStillAppear(launchedAt: number, { now, visibilityGraceMs }: Moment): boolean {
  return Math.abs(now - launchedAt) < visibilityGraceMs;
}

/**
 * What a workbench is doing, from its record and the task that the record names as ECS shows it now.
 * @param task undefined: ECS was asked and doesn't show the task
 */
export function statusOf(workbench: Workbench, task: Task | undefined, moment: Moment): Status {
  if (workbench.destroy) return 'destroying';
  if (outstandingGeneration(workbench) !== undefined) return 'starting';
  const last = lastTask(workbench);
  if (!last) return 'stopped';
  if (!task) return mayStillAppear(last.launchedAt, moment) ? 'starting' : 'stopped';
  return hasEnded(task) ? 'stopped' : task.status;
}

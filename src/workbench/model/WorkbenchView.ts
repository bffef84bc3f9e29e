import { type Starting, startingOf } from './starting.ts';
import { type Moment, type Status, statusOf } from './status.ts';
import { stoppedReasonOf } from './stoppedReason.ts';
import type { Task } from './Task.ts';
import { latestGeneration, type StoppedReason, type Workbench } from './Workbench.ts';

/** A workbench together with what the cloud shows of it. */
export type WorkbenchView = Readonly<{
  workbench: Workbench;
  status: Status;
  stoppedReason: StoppedReason | undefined;
  /** On its way up. */
  starting: Starting | undefined;
  /** Where it can be reached, while it runs. */
  address: Task['address'];
  /** How long ago the cloud showed this, in milliseconds. */
  ageMs: number;
}>;

/**
 * @param task the task that the record names, as ECS shows it; undefined if it doesn't
 * @param seenAt since when this record has been known, in milliseconds since the epoch
 */
export function viewOf(
  workbench: Workbench,
  task: Task | undefined,
  moment: Moment,
  ageMs = 0,
  seenAt = moment.now,
): WorkbenchView {
  const status = statusOf(workbench, task, moment);
  return {
    workbench,
    status,
    stoppedReason: status === 'stopped' ? reasonOf(workbench, task) : undefined,
    starting: startingOf(workbench, status, task, moment.now, seenAt),
    address: status === 'running' ? task?.address : undefined,
    ageMs: Math.max(0, Math.round(ageMs)),
  };
}

function reasonOf(workbench: Workbench, task: Task | undefined): StoppedReason | undefined {
  if (task?.end) return stoppedReasonOf(task.end);
  const { stopped } = workbench;
  return stopped?.generation === latestGeneration(workbench) ? stopped.reason : undefined;
}

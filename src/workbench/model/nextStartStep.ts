import { type Moment, mayStillAppear } from './status.ts';
import { hasEnded, isGoingDown, type Task } from './Task.ts';
import { lastTask, latestGeneration, outstandingGeneration, type Workbench } from './Workbench.ts';

export type StartStep =
  /** It is running or on its way. */
  | Readonly<{ kind: 'nothing'; task: Task }>
  /** ECS runs a task that the record doesn't name: write it down rather than start another. */
  | Readonly<{ kind: 'adopt'; task: Task }>
  /** Its task is on its way down; a second one beside it would be one too many. */
  | Readonly<{ kind: 'goingDown'; task: Task }>
  /** Ask ECS (again) what became of a generation: the same token never makes a second task. */
  | Readonly<{ kind: 'resolve'; generation: number }>
  /** Nothing lives: the next generation may begin. */
  | Readonly<{ kind: 'begin'; generation: number }>;

/**
 * What a start has to do next.
 * @param last the task that the record names, as ECS shows it; undefined if it doesn't
 * @param running the tasks of the workbench's family that are meant to run
 */
export function nextStartStep(
  workbench: Workbench,
  last: Task | undefined,
  running: readonly Task[],
  moment: Moment,
): StartStep {
  const claimed = lastTask(workbench);
  const outstanding = outstandingGeneration(workbench);
  const alive = [...(last ? [last] : []), ...running].filter((task) => !hasEnded(task) && !task.purge);
  const up = alive.find((task) => !isGoingDown(task));
  if (up)
    return up.id === claimed?.taskId && !outstanding ? { kind: 'nothing', task: up } : { kind: 'adopt', task: up };
  const down = alive[0];
  if (down) return { kind: 'goingDown', task: down };
  if (outstanding) return { kind: 'resolve', generation: outstanding };
  if (claimed && !last && mayStillAppear(claimed.launchedAt, moment)) {
    return { kind: 'resolve', generation: claimed.generation };
  }
  return { kind: 'begin', generation: latestGeneration(workbench) + 1 };
}

import { type Moment, mayStillAppear } from './status.ts';
import { hasEnded, type Task } from './Task.ts';
import { latestGeneration, outstandingGeneration, type Workbench } from './Workbench.ts';

export type DestroyStep =
  /**
   * A start whose outcome nobody knows: learn it, so that its task can be stopped; if ECS was never asked, use its
   * token up with a purge, so that nobody else can.
   */
  | Readonly<{ kind: 'fence'; generation: number }>
  | Readonly<{ kind: 'stop'; tasks: readonly Task[] }>
  /** Something is on its way; look again. */
  | Readonly<{ kind: 'wait' }>
  | Readonly<{ kind: 'purge'; attempt: number }>
  /** The purge has ended well: every byte of this generation and before is gone. */
  | Readonly<{ kind: 'purged'; generation: number }>
  | Readonly<{ kind: 'remove' }>;

/** What can be seen of a workbench that is to be destroyed. */
export type DestroySight = Readonly<{
  workbench: Workbench;
  /** Every task of the family that hasn't ended. */
  living: readonly Task[];
  /** The task that the record names, and the purge task that it names, as ECS shows them. */
  last: Task | undefined;
  purge: Task | undefined;
}>;

/**
 * The next step of a destroy: intent, stop, purge, remove; task definitions, logs and record last.
 * Driven by what is there, so that any controller can take it up anywhere.
 */
export function nextDestroyStep(
  { workbench, living, last, purge }: DestroySight,
  moment: Moment,
  purgePatienceMs: number,
): DestroyStep {
  const { destroy, outcome } = workbench;
  const alive = living.filter((task) => !task.purge);
  if (last && !hasEnded(last) && !last.purge && !alive.some(({ id }) => id === last.id)) alive.push(last);
  const toStop = alive.filter((task) => !task.toStop);
  if (toStop.length > 0) return { kind: 'stop', tasks: toStop };
  if (alive.length > 0) return { kind: 'wait' };
  const outstanding = outstandingGeneration(workbench);
  if (outstanding) return { kind: 'fence', generation: outstanding };
  if (!last && outcome && 'taskId' in outcome && mayStillAppear(outcome.launchedAt, moment)) {
    return { kind: 'fence', generation: outcome.generation };
  }

  const generation = latestGeneration(workbench);
  const clean = neverLaunched(workbench) || (destroy?.step === 'purged' && destroy.generation >= generation);
  if (clean) {
    // Purges that came late, and whatever somebody started with a command of his own.
    const rest = living.filter((task) => !task.toStop);
    if (rest.length > 0) return { kind: 'stop', tasks: rest };
    return living.length > 0 ? { kind: 'wait' } : { kind: 'remove' };
  }
  if (destroy?.step !== 'purging' || destroy.generation < generation) return { kind: 'purge', attempt: 1 };
  if (!purge) {
    return mayStillAppear(destroy.launchedAt, moment)
      ? { kind: 'wait' }
      : { kind: 'purge', attempt: destroy.attempt + 1 };
  }
  if (!hasEnded(purge)) {
    const hung = !purge.toStop && Math.abs(moment.now - destroy.launchedAt) > purgePatienceMs;
    return hung ? { kind: 'stop', tasks: [purge] } : { kind: 'wait' };
  }
  return purge.end?.exitCode === 0 ? { kind: 'purged', generation } : { kind: 'purge', attempt: destroy.attempt + 1 };
}

/** Its storage was never mounted, so there is nothing to purge. */
function neverLaunched({ run, outcome }: Workbench): boolean {
  return run <= 1 && outcome !== undefined && 'refused' in outcome && outcome.generation <= 1;
}

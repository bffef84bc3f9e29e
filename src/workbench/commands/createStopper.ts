import type { Context } from '../../lib/Context.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { noSuchWorkbench } from '../model/errors.ts';
import { mayStillAppear, momentOf } from '../model/status.ts';
import { stopReasons } from '../model/stoppedReason.ts';
import { hasEnded } from '../model/Task.ts';
import { lastTask, outstandingGeneration, ownTask, type Workbench } from '../model/Workbench.ts';
import type { Ports } from '../ports.ts';
import type { Launcher } from './createLauncher.ts';
import { describeTask, findUsable } from './observe.ts';

export type Stopper = ReturnType<typeof createStopper>;

/** Takes a workbench down; its files stay. */
export function createStopper({ workbenches, tasks }: Ports, launch: Launcher, context: Context) {
  /**
   * Accepted in every state but destroying.
   * @throws NotFoundError, ConflictError, UnavailableError, UpstreamError
   */
  async function stop(id: string): Promise<void> {
    const [workbench, running] = await Promise.all([settled(id), tasks.running(id)]);
    const last = lastTask(workbench);
    const shown = await describeTask(tasks, last?.taskId);
    const seen = ownTask(workbench, shown);
    const toStop = new Set(running.map((task) => task.id));
    if (seen && !hasEnded(seen) && !seen.toStop) toStop.add(seen.id);
    const unseen = last && !shown && mayStillAppear(last.launchedAt, momentOf(context)) ? last.taskId : undefined;
    if (unseen) toStop.add(unseen);
    for (const taskId of toStop) {
      const known = await tasks.stop(taskId, stopReasons.request);
      // Not known yet is not gone: a task that ECS hasn't shown may still come up.
      if (!known && taskId === unseen) {
        throw new UnavailableError('The workbench has only just been started; stop it again in a moment', {
          retryAfterSeconds: 2,
        });
      }
    }
  }

  /** A start whose outcome nobody knows may have made a task: learn which, so that it can be stopped. */
  async function settled(id: string): Promise<Workbench> {
    const workbench = await findUsable(workbenches, id);
    const outstanding = outstandingGeneration(workbench);
    if (!outstanding) return workbench;
    const launched = await launch(workbench, outstanding);
    if (launched.kind === 'gone') throw noSuchWorkbench();
    return launched.workbench;
  }

  return stop;
}

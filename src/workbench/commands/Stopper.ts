import type { Clock } from '../../lib/clock.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { beingDestroyed, noSuchWorkbench } from '../model/errors.ts';
import { mayStillAppear } from '../model/status.ts';
import { stopReasons } from '../model/stoppedReason.ts';
import { hasEnded } from '../model/Task.ts';
import { lastTask, outstandingGeneration, ownTask, type Workbench } from '../model/Workbench.ts';
import type { Pace } from '../Pace.ts';
import type { Tasks, Workbenches } from '../ports.ts';
import type { Launcher } from './Launcher.ts';

/** Takes a workbench down; its files stay. */
export class Stopper {
  readonly #workbenches: Workbenches;
  readonly #tasks: Tasks;
  readonly #launcher: Launcher;
  readonly #clock: Clock;
  readonly #pace: Pace;

  constructor(
    dependencies: Readonly<{ workbenches: Workbenches; tasks: Tasks; launcher: Launcher; clock: Clock; pace: Pace }>,
  ) {
    this.#workbenches = dependencies.workbenches;
    this.#tasks = dependencies.tasks;
    this.#launcher = dependencies.launcher;
    this.#clock = dependencies.clock;
    this.#pace = dependencies.pace;
  }

  /**
   * Accepted in every state but destroying.
   * @throws NotFoundError, ConflictError, UnavailableError, UpstreamError
   */
  async stop(id: string): Promise<Workbench> {
    const [workbench, running] = await Promise.all([this.#settled(id), this.#tasks.running(id)]);
    const last = lastTask(workbench);
    const shown = last ? (await this.#tasks.describe([last.taskId])).get(last.taskId) : undefined;
    const seen = ownTask(workbench, shown);
    const moment = { now: this.#clock.now(), visibilityGraceMs: this.#pace.visibilityGraceMs };
    const toStop = new Set(running.map((task) => task.id));
    if (seen && !hasEnded(seen) && !seen.toStop) toStop.add(seen.id);
    const unseen = last && !shown && mayStillAppear(last.launchedAt, moment) ? last.taskId : undefined;
    if (unseen) toStop.add(unseen);
    for (const taskId of toStop) {
      const known = await this.#tasks.stop(taskId, stopReasons.request);
      // Not known yet is not gone: a task that ECS hasn't shown may still come up.
      if (!known && taskId === unseen) {
        throw new UnavailableError('The workbench has only just been started; stop it again in a moment', {
          retryAfterSeconds: 2,
        });
      }
    }
    return workbench;
  }

  /** A start whose outcome nobody knows may have made a task: learn which, so that it can be stopped. */
  async #settled(id: string): Promise<Workbench> {
    const workbench = await this.#workbenches.find(id);
    if (!workbench) throw noSuchWorkbench();
    if (workbench.destroy) throw beingDestroyed();
    const outstanding = outstandingGeneration(workbench);
    if (!outstanding) return workbench;
    const launched = await this.#launcher.launch(workbench, outstanding);
    if (launched.kind === 'gone') throw noSuchWorkbench();
    return launched.workbench;
  }
}

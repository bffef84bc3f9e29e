import type { Logger } from 'pino';
import type { CallBudget } from '../../lib/CallBudget.ts';
import type { Clock } from '../../lib/clock.ts';
import type { TaskSightings } from '../cache/TaskSightings.ts';
import type { WorkbenchIndex } from '../cache/WorkbenchIndex.ts';
import { mayStillAppear } from '../model/status.ts';
import { stoppedReasonOf } from '../model/stoppedReason.ts';
import { hasEnded, type Task } from '../model/Task.ts';
import { lastTask, ownTask, type Workbench } from '../model/Workbench.ts';
import type { Tasks } from '../ports.ts';

/** ECS shows how a task ended for an hour at least; nobody may be asking, so every task is looked at this often. */
const AUDIT_EVERY_MS = 10 * 60_000;
const FIRST_AUDIT_AFTER_MS = 30_000;
const BATCH = 100;
/** Between two calls of an audit, which leaves the budget to those who wait. */
const PAUSE_MS = 250;

type Dependencies = Readonly<{
  index: WorkbenchIndex;
  sightings: TaskSightings;
  /** Past the board, which has no use for what nobody asked for. */
  tasks: Pick<Tasks, 'describe'>;
  budget: CallBudget;
  visibilityGraceMs: number;
  clock: Clock;
  logger: Logger;
}>;

/** Writes down why a workbench stopped, while ECS still tells. */
export class ReasonKeeper {
  readonly #dependencies: Dependencies;
  readonly #endListening: () => void;
  readonly #closing = new AbortController();
  readonly #writing = new Set<string>();
  /** Tasks that have nothing more to tell. */
  #told = new Set<string>();
  #loop: Promise<void> | undefined;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
    const { index, sightings } = dependencies;
    this.#endListening = sightings.onChange(({ workbenchId, task }) => {
      const workbench = workbenchId ? index.get(workbenchId)?.workbench : undefined;
      if (workbench && task) void this.#keep(workbench, task);
    });
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#endListening();
    this.#closing.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#dependencies;
    const { signal } = this.#closing;
    let pause = FIRST_AUDIT_AFTER_MS;
    while (!signal.aborted) {
      await clock.sleep(pause, signal).catch(() => undefined);
      try {
        await this.#audit();
        pause = AUDIT_EVERY_MS;
      } catch (error) {
        logger.warn({ err: error }, 'could not ask how all tasks are; to be repeated');
        pause = FIRST_AUDIT_AFTER_MS;
      }
    }
  }

  async #audit(): Promise<void> {
    const { index, tasks, budget, clock, visibilityGraceMs } = this.#dependencies;
    const open = new Map<string, Workbench>();
    const told = new Set<string>();
    for (const { workbench } of index.all()) {
      const last = lastTask(workbench);
      if (!last || workbench.destroy || workbench.stopped?.generation === last.generation) continue;
      if (this.#told.has(last.taskId)) told.add(last.taskId);
      else open.set(last.taskId, workbench);
    }
    this.#told = told;
    const ids = [...open.keys()];
    for (let start = 0; start < ids.length && !this.#closing.signal.aborted; start += BATCH) {
      while (!budget.tryTake()) await clock.sleep(Math.max(budget.wait(), PAUSE_MS), this.#closing.signal);
      const batch = ids.slice(start, start + BATCH);
      const shown = await tasks.describe(batch);
      for (const id of batch) {
        const workbench = open.get(id);
        const task = shown.get(id);
        const launchedAt = workbench && lastTask(workbench)?.launchedAt;
        if (workbench && task && hasEnded(task)) await this.#keep(workbench, task);
        const gone = !task && !mayStillAppear(launchedAt ?? 0, { now: clock.now(), visibilityGraceMs });
        if (gone || (task && hasEnded(task))) told.add(id);
      }
      await clock.sleep(PAUSE_MS, this.#closing.signal);
    }
  }

  async #keep(workbench: Workbench, task: Task): Promise<void> {
    const last = lastTask(workbench);
    const end = ownTask(workbench, task)?.end;
    const reason = end && stoppedReasonOf(end);
    if (!reason || !last || last.taskId !== task.id || workbench.destroy) return;
    if (workbench.stopped?.generation === last.generation || this.#writing.has(task.id)) return;
    const { index, logger } = this.#dependencies;
    this.#writing.add(task.id);
    try {
      await index.write(workbench.id, { stopped: { generation: last.generation, reason } });
      logger.info({ workbench: workbench.id, task: task.id, reason }, 'stopped, and not by request');
    } catch (error) {
      logger.warn({ workbench: workbench.id, err: error }, 'could not write down yet why a workbench stopped');
    } finally {
      this.#writing.delete(task.id);
    }
  }
}

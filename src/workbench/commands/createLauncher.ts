import { askAgain } from '../../lib/askAgain.ts';
import type { Context } from '../../lib/Context.ts';
import { UnavailableError } from '../../lib/errors.ts';
import type { Profiles } from '../model/Profile.ts';
import { launchToken } from '../model/requestTokens.ts';
import { refusalReason, stopReasons } from '../model/stoppedReason.ts';
import type { Task } from '../model/Task.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { Ports } from '../ports.ts';
import { askForTask } from './askForTask.ts';

export type Launched =
  | Readonly<{ kind: 'task'; workbench: Workbench; taskId: string; task: Task | undefined; writtenDown: boolean }>
  | Readonly<{ kind: 'refused'; workbench: Workbench; capacity: boolean }>
  /** The workbench was deleted meanwhile; what was started is stopped again. */
  | Readonly<{ kind: 'gone' }>;

export type Launcher = ReturnType<typeof createLauncher>;

/** Turns a generation that somebody meant to start into an outcome on the record. */
export function createLauncher(
  { workbenches, tasks, definitions }: Ports,
  profiles: Profiles,
  { clock, timings, logger }: Context,
) {
  /**
   * Asks ECS for the generation's task; asked twice, in whatever process, ECS answers the same.
   * @param definition the definition to run, where it is on its way already
   * @throws UnavailableError: the outcome stays outstanding, and whoever asks next finds it
   */
  async function launch(workbench: Workbench, generation: number, definition?: Promise<string>): Promise<Launched> {
    const seenAt = clock.monotonic();
    let answer = await ask(workbench, generation, definition ?? definitions.ensure(workbench), seenAt);
    if (answer.kind === 'noDefinition') {
      answer = await ask(workbench, generation, definitions.ensure(workbench), seenAt);
    }
    if (answer.kind === 'launched') return await keepTask(workbench, generation, answer.taskId, answer.task);
    if (answer.kind === 'refused') return await keepRefusal(workbench, generation, answer.capacity, answer.message);
    throw new UnavailableError('The task definition keeps going away; try again');
  }

  async function ask(workbench: Workbench, generation: number, definition: Promise<string>, seenAt: number) {
    const ready = Promise.all([definition, storageReady(workbench)]).then(([name]) => {
      if (clock.monotonic() - seenAt <= timings.launchWithinMs) return name;
      throw new UnavailableError('The start took too long; try again');
    });
    return await askForTask(tasks, { workbench, token: launchToken(workbench.id, generation), purge: false }, ready);
  }

  /** A new access point takes a moment; a task that mounts it before fails. */
  async function storageReady({ id, storageReady: ready }: Workbench): Promise<void> {
    if (ready) return;
    const patience = { withinMs: timings.storageReadyWithinMs, longestPauseMs: timings.longestReadyPauseMs };
    await askAgain(async () => (await workbenches.find(id))?.storageReady || undefined, patience, clock);
    // Not ready yet: the mount itself will tell, with a reason that the user sees.
  }

  async function keepTask(workbench: Workbench, generation: number, taskId: string, task?: Task): Promise<Launched> {
    // A task that ECS only names was launched by somebody else, who knows as what.
    const profile = task && profiles.of(workbench)?.name;
    const outcome = { generation, taskId, launchedAt: clock.now(), ...(profile ? { profile } : {}) };
    let writtenDown = true;
    try {
      if (!(await workbenches.write(workbench.id, { outcome }))) {
        await tasks.stop(taskId, stopReasons.lostStart);
        return await gone(workbench);
      }
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      writtenDown = false;
      // The task runs and the intent stands: the sweep or the next call asks ECS again and writes it down.
      logger.warn({ workbench: workbench.id, generation, err: error }, 'task started, not yet written down');
    }
    logger.info({ workbench: workbench.id, generation, task: taskId }, 'task started');
    return { kind: 'task', workbench: { ...workbench, outcome }, taskId, task, writtenDown };
  }

  async function keepRefusal(workbench: Workbench, generation: number, capacity: boolean, cause: string) {
    const outcome = { generation, refused: true } as const;
    const reason = refusalReason(capacity, cause);
    const stopped = { generation, reason };
    logger.warn({ workbench: workbench.id, generation, reason }, 'ECS refused to start a task');
    if (!(await workbenches.write(workbench.id, { outcome, stopped }))) return await gone(workbench);
    return { kind: 'refused', workbench: { ...workbench, outcome, stopped }, capacity } as const;
  }

  /** The task definition may have been registered after the destroy had removed those that there were. */
  async function gone({ id }: Workbench) {
    await definitions.remove(id);
    return { kind: 'gone' } as const;
  }

  return launch;
}

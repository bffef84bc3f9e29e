import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import { UnavailableError, UpstreamError } from '../../lib/errors.ts';
import { refusalReason, stopReasons } from '../model/stoppedReason.ts';
import type { Task } from '../model/Task.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { Launch, TaskDefinitions, Tasks, Workbenches } from '../ports.ts';

/**
 * The longest time between seeing that nothing lives and asking ECS for a task. ECS forgets a token an hour
 * after its task's end, so a controller that was frozen for longer must look again before it asks.
 */
const FRESH_MS = 30_000;

/** For how long a new access point is waited for, and between two looks at it. */
const STORAGE_READY_WITHIN_MS = 5_000;
const LONGEST_READY_PAUSE_MS = 400;

export type Launched =
  | Readonly<{ kind: 'task'; workbench: Workbench; taskId: string; task: Task | undefined; writtenDown: boolean }>
  | Readonly<{ kind: 'refused'; workbench: Workbench; capacity: boolean; message: string }>
  /** The workbench was deleted meanwhile; what was started is stopped again. */
  | Readonly<{ kind: 'gone' }>;

export function launchToken(workbenchId: string, generation: number): string {
  return `${workbenchId}-${generation}`;
}

/** Turns a generation that somebody meant to start into an outcome on the record. */
export class Launcher {
  readonly #workbenches: Workbenches;
  readonly #tasks: Tasks;
  readonly #definitions: TaskDefinitions;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(
    dependencies: Readonly<{
      workbenches: Workbenches;
      tasks: Tasks;
      definitions: TaskDefinitions;
      clock: Clock;
      logger: Logger;
    }>,
  ) {
    this.#workbenches = dependencies.workbenches;
    this.#tasks = dependencies.tasks;
    this.#definitions = dependencies.definitions;
    this.#clock = dependencies.clock;
    this.#logger = dependencies.logger;
  }

  /**
   * Asks ECS for the generation's task; asked twice, in whatever process, ECS answers the same.
   * @param definition the definition to run, where it is on its way already
   * @throws UnavailableError: the outcome stays outstanding, and whoever asks next finds it
   */
  async launch(workbench: Workbench, generation: number, definition?: Promise<string>): Promise<Launched> {
    const seenAt = this.#clock.monotonic();
    let launch = await this.#ask(workbench, generation, definition ?? this.#definitions.ensure(workbench), seenAt);
    if (launch.kind === 'noDefinition') {
      launch = await this.#ask(workbench, generation, this.#definitions.ensure(workbench), seenAt);
    }
    if (launch.kind === 'noDefinition') throw new UnavailableError('The task definition keeps going away; try again');
    return launch.kind === 'launched'
      ? await this.#keepTask(workbench, generation, launch)
      : await this.#keepRefusal(workbench, generation, launch);
  }

  async #ask(workbench: Workbench, generation: number, definition: Promise<string>, seenAt: number): Promise<Launch> {
    try {
      await Promise.all([definition, this.#storageReady(workbench)]);
    } catch (error) {
      // AWS won't have such a task definition: as final as a refusal of the task itself.
      if (error instanceof UpstreamError) return { kind: 'refused', capacity: false, message: error.message };
      throw error;
    }
    if (this.#clock.monotonic() - seenAt > FRESH_MS) throw new UnavailableError('The start took too long; try again');
    const token = launchToken(workbench.id, generation);
    return await this.#tasks.launch({ workbench, definition: await definition, token, purge: false });
  }

  /** A new access point takes a moment; a task that mounts it before fails. */
  async #storageReady(workbench: Workbench): Promise<void> {
    let ready = workbench.storageReady;
    const until = this.#clock.monotonic() + STORAGE_READY_WITHIN_MS;
    for (
      let pause = 100;
      !ready && this.#clock.monotonic() < until;
      pause = Math.min(pause * 2, LONGEST_READY_PAUSE_MS)
    ) {
      await this.#clock.sleep(pause);
      ready = (await this.#workbenches.find(workbench.id))?.storageReady ?? false;
    }
    // Not ready yet: the mount itself will tell, with a reason that the user sees.
  }

  async #keepTask(
    workbench: Workbench,
    generation: number,
    { taskId, task }: Extract<Launch, { kind: 'launched' }>,
  ): Promise<Launched> {
    const outcome = { generation, taskId, launchedAt: this.#clock.now() };
    let writtenDown = true;
    try {
      if (!(await this.#workbenches.write(workbench.id, { outcome }))) {
        await this.#tasks.stop(taskId, stopReasons.lostStart);
        return await this.#gone(workbench);
      }
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      writtenDown = false;
      // The task runs and the intent stands: the sweep or the next call asks ECS again and writes it down.
      this.#logger.warn({ workbench: workbench.id, generation, err: error }, 'task started, not yet written down');
    }
    this.#logger.info({ workbench: workbench.id, generation, task: taskId }, 'task started');
    return { kind: 'task', workbench: { ...workbench, outcome }, taskId, task, writtenDown };
  }

  /** The task definition may have been registered after the destroy had removed those that there were. */
  async #gone(workbench: Workbench): Promise<Launched> {
    await this.#definitions.remove(workbench.id);
    return { kind: 'gone' };
  }

  async #keepRefusal(
    workbench: Workbench,
    generation: number,
    { capacity, message }: Extract<Launch, { kind: 'refused' }>,
  ): Promise<Launched> {
    const outcome = { generation, refused: true } as const;
    const reason = refusalReason(capacity, message);
    const stopped = { generation, reason };
    this.#logger.warn({ workbench: workbench.id, generation, reason }, 'ECS refused to start a task');
    const written = await this.#workbenches.write(workbench.id, { outcome, stopped });
    if (!written) return await this.#gone(workbench);
    return { kind: 'refused', workbench: { ...workbench, outcome, stopped }, capacity, message: reason.message };
  }
}

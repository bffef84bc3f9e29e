import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import { UpstreamError } from '../../lib/errors.ts';
import { type DestroySight, nextDestroyStep } from '../model/nextDestroyStep.ts';
import { stopReasons } from '../model/stoppedReason.ts';
import type { Task } from '../model/Task.ts';
import { lastTask, latestGeneration, ownTask, type Workbench } from '../model/Workbench.ts';
import type { Pace } from '../Pace.ts';
import type { Launch, TaskDefinitions, Tasks, WorkbenchChanges, Workbenches } from '../ports.ts';
import { type Round, untilDone } from '../untilDone.ts';
import { launchToken } from './Launcher.ts';

/** However many are being destroyed: AWS's rate is the account's, and others wait. */
const ROUNDS_AT_ONCE = 2;

type Dependencies = Readonly<{
  workbenches: Workbenches;
  tasks: Tasks;
  definitions: TaskDefinitions;
  clock: Clock;
  logger: Logger;
  pace: Pace;
}>;

/** Carries destroys through: one loop a workbench, each step repeatable by any controller at any time. */
export class Destroyer {
  readonly #dependencies: Dependencies;
  readonly #rounds = pLimit(ROUNDS_AT_ONCE);
  readonly #loops = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Writes the intent. From then on the destroy goes on, whatever becomes of this process.
   * @throws UnavailableError
   */
  async intend(id: string): Promise<void> {
    const { workbenches } = this.#dependencies;
    // Written again, the intent would set back how far the destroy has come.
    if ((await workbenches.find(id))?.destroy) return;
    // Gone meanwhile, maybe by this very call, whose first answer was lost: then it is as it should be.
    if (!(await workbenches.write(id, { destroy: { step: 'requested' } }))) return;
    this.#dependencies.logger.info({ workbench: id }, 'destroy requested');
  }

  /** Takes up, or joins, a destroy whose intent is written. Resolves when all is gone, or at close. Never rejects. */
  resume(id: string): Promise<void> {
    let loop = this.#loops.get(id);
    if (!loop) {
      const { clock } = this.#dependencies;
      const logger = this.#dependencies.logger.child({ workbench: id, job: 'destroy' });
      const signal = this.#closing.signal;
      loop = untilDone(() => this.#rounds(() => this.#round(id)), { clock, logger, signal }).finally(() =>
        this.#loops.delete(id),
      );
      this.#loops.set(id, loop);
    }
    return loop;
  }

  /** Ends the loops; the intents stay on the records. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#loops.values());
  }

  async #round(id: string): Promise<Round> {
    const { workbenches } = this.#dependencies;
    const workbench = await workbenches.find(id);
    if (!workbench) return 'done';
    // The intent is written before this loop begins, and never taken back: EFS just doesn't show it yet.
    if (!workbench.destroy) return 'wait';
    return await this.#apply(await this.#observe(workbench));
  }

  async #observe(workbench: Workbench): Promise<DestroySight> {
    const { tasks } = this.#dependencies;
    const lastId = lastTask(workbench)?.taskId;
    const purgeId = workbench.destroy?.step === 'purging' ? workbench.destroy.taskId : undefined;
    const living = await tasks.living(workbench.id);
    const named = await tasks.describe([lastId, purgeId].flatMap((id) => id ?? []));
    const own = (id = '') => ownTask(workbench, named.get(id));
    return { workbench, living, last: own(lastId), purge: own(purgeId) };
  }

  async #apply(sight: DestroySight): Promise<Round> {
    const { workbenches, tasks, definitions, clock, logger, pace } = this.#dependencies;
    const { workbench } = sight;
    const step = nextDestroyStep(
      sight,
      { now: clock.now(), visibilityGraceMs: pace.visibilityGraceMs },
      pace.purgePatienceMs,
    );
    logger.debug({ workbench: workbench.id, step }, 'destroy step');
    switch (step.kind) {
      case 'wait':
        return 'wait';
      case 'fence':
        return await this.#fence(workbench, step.generation);
      case 'stop':
        await this.#outdatePurge(workbench, step.tasks);
        for (const task of step.tasks) await tasks.stop(task.id, stopReasons.destroy);
        return 'wait';
      case 'purge':
        return await this.#purge(workbench, step.attempt);
      case 'purged':
        await workbenches.write(workbench.id, { destroy: { step: 'purged', generation: step.generation } });
        return 'progress';
      case 'remove':
        await definitions.remove(workbench.id);
        await workbenches.remove(workbench.id);
        logger.info({ workbench: workbench.id }, 'destroyed, with all its data');
        return 'done';
    }
  }

  /**
   * Asks ECS for a purge with the very token of a start: either the start came first, and ECS names its task; or no
   * start of this generation can ever make one, whoever still tries.
   */
  async #fence(workbench: Workbench, generation: number): Promise<Round> {
    const { tasks, clock } = this.#dependencies;
    const launch = await this.#launchPurge(workbench, launchToken(workbench.id, generation));
    if (launch.kind === 'noDefinition') return 'wait';
    if (launch.kind === 'refused') return await this.#write(workbench, { outcome: { generation, refused: true } });
    const { taskId, task } = launch;
    const launchedAt = clock.now();
    const outcome = { generation, taskId, launchedAt };
    if (task?.purge) {
      return await this.#write(workbench, {
        outcome,
        destroy: { step: 'purging', generation, attempt: 1, taskId, launchedAt },
      });
    }
    await tasks.stop(taskId, stopReasons.destroy);
    return await this.#write(workbench, { outcome });
  }

  async #launchPurge(workbench: Workbench, token: string): Promise<Launch> {
    const { tasks, definitions } = this.#dependencies;
    try {
      return await tasks.launch({ workbench, definition: await definitions.ensure(workbench), token, purge: true });
    } catch (error) {
      // AWS won't have such a task definition: as final as a refusal of the task itself.
      if (error instanceof UpstreamError) return { kind: 'refused', capacity: false, message: error.message };
      throw error;
    }
  }

  /**
   * A task that somebody started past us beside or after the purge may have written since: as a generation of its own,
   * it has its data purged anew.
   */
  async #outdatePurge(workbench: Workbench, tasks: readonly Task[]): Promise<void> {
    const { workbenches, clock } = this.#dependencies;
    const { id, destroy } = workbench;
    const writer = tasks.find((task) => !task.purge);
    const latest = latestGeneration(workbench);
    if (!writer || !destroy || destroy.step === 'requested' || destroy.generation < latest) return;
    const generation = latest + 1;
    const outcome = { generation, taskId: writer.id, launchedAt: clock.now() };
    await workbenches.write(id, { run: generation, outcome });
  }

  /** Another controller may have been quicker: then what `ensure` made since has to go as well. */
  async #write(workbench: Workbench, changes: WorkbenchChanges): Promise<Round> {
    const { workbenches, definitions } = this.#dependencies;
    if (await workbenches.write(workbench.id, changes)) return 'wait';
    await definitions.remove(workbench.id);
    return 'done';
  }

  /** A refused attempt is written down too: ECS would replay the refusal for its token. */
  async #purge(workbench: Workbench, attempt: number): Promise<Round> {
    const { clock, logger } = this.#dependencies;
    const generation = latestGeneration(workbench);
    const launch = await this.#launchPurge(workbench, `${workbench.id}-purge-${generation}-${attempt}`);
    if (launch.kind === 'noDefinition') return 'wait';
    if (launch.kind === 'refused') {
      logger.warn({ workbench: workbench.id, attempt, cause: launch.message }, 'ECS refused to start a purge task');
    } else if (attempt > 1) {
      logger.warn({ workbench: workbench.id, attempt }, 'purging again');
    }
    const taskId = launch.kind === 'launched' ? launch.taskId : undefined;
    return await this.#write(workbench, {
      destroy: { step: 'purging', generation, attempt, taskId, launchedAt: taskId ? clock.now() : 0 },
    });
  }
}

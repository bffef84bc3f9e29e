import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { noSuchWorkbench } from './errors.ts';
import type { Launcher } from './Launcher.ts';
import { type DestroySight, nextDestroyStep } from './nextDestroyStep.ts';
import type { Pace } from './Pace.ts';
import type { TaskDefinitions, Tasks, WorkbenchChanges, Workbenches } from './ports.ts';
import { type Round, untilDone } from './untilDone.ts';
import { lastTask, latestGeneration, type Workbench } from './Workbench.ts';

/** However many are being destroyed, AWS is asked about so many at the same time. */
const ROUNDS_AT_ONCE = 8;

type Dependencies = Readonly<{
  workbenches: Workbenches;
  tasks: Tasks;
  definitions: TaskDefinitions;
  launcher: Launcher;
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
   * @throws NotFoundError, UnavailableError
   */
  async intend(id: string, changes: WorkbenchChanges = {}): Promise<void> {
    const { workbenches } = this.#dependencies;
    // Written again, the intent would set back how far the destroy has come.
    if ((await workbenches.find(id))?.destroy) return;
    if (!(await workbenches.write(id, { ...changes, destroy: { step: 'requested' } }))) throw noSuchWorkbench();
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
    if (!workbench?.destroy) return 'done';
    return await this.#apply(await this.#observe(workbench));
  }

  async #observe(workbench: Workbench): Promise<DestroySight> {
    const { tasks } = this.#dependencies;
    const lastId = lastTask(workbench)?.taskId;
    const purgeId = workbench.destroy?.step === 'purging' ? workbench.destroy.taskId : undefined;
    const living = await tasks.living(workbench.id);
    const named = await tasks.describe([lastId, purgeId].flatMap((id) => id ?? []));
    return { workbench, living, last: named.get(lastId ?? ''), purge: named.get(purgeId ?? '') };
  }

  async #apply(sight: DestroySight): Promise<Round> {
    const { workbenches, tasks, definitions, launcher, clock, logger, pace } = this.#dependencies;
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
      case 'resolve':
        await launcher.launch(workbench, step.generation);
        return 'progress';
      case 'stop':
        for (const task of step.tasks) await tasks.stop(task.id, 'Its workbench is being destroyed');
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

  /** A refused attempt is written down too: ECS would replay the refusal for its token. */
  async #purge(workbench: Workbench, attempt: number): Promise<Round> {
    const { workbenches, tasks, definitions, clock, logger } = this.#dependencies;
    const generation = latestGeneration(workbench);
    const launch = await tasks.launch({
      workbench,
      definition: await definitions.ensure(workbench),
      token: `${workbench.id}-purge-${generation}-${attempt}`,
      purge: true,
    });
    if (launch.kind === 'noDefinition') return 'wait';
    if (launch.kind === 'refused') {
      logger.warn({ workbench: workbench.id, attempt, cause: launch.message }, 'ECS refused to start a purge task');
    } else if (attempt > 1) {
      logger.warn({ workbench: workbench.id, attempt }, 'purging again');
    }
    const taskId = launch.kind === 'launched' ? launch.taskId : undefined;
    await workbenches.write(workbench.id, {
      destroy: { step: 'purging', generation, attempt, taskId, launchedAt: taskId ? clock.now() : 0 },
    });
    return 'wait';
  }
}

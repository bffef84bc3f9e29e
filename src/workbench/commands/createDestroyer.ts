import type { Context } from '../../lib/Context.ts';
import { createWorkQueue, type Round } from '../../lib/createWorkQueue.ts';
import { type DestroySight, nextDestroyStep } from '../model/nextDestroyStep.ts';
import { launchToken } from '../model/requestTokens.ts';
import { momentOf } from '../model/status.ts';
import { stopReasons } from '../model/stoppedReason.ts';
import type { Task } from '../model/Task.ts';
import { lastTask, latestGeneration, ownTask, type Workbench } from '../model/Workbench.ts';
import type { Launch, Logs, Ports, WorkbenchChanges } from '../ports.ts';
import { askForTask } from './askForTask.ts';

/** However many are being destroyed: AWS's rate is the account's, and others wait. */
const ROUNDS_AT_ONCE = 2;

export type Destroyer = ReturnType<typeof createDestroyer>;

/** Carries destroys through: one job a workbench, each step repeatable by any controller at any time. */
export function createDestroyer(
  { workbenches, tasks, definitions }: Ports,
  logs: Pick<Logs, 'remove'>,
  context: Context,
) {
  const { clock, timings, logger } = context;
  const queue = createWorkQueue(ROUNDS_AT_ONCE, context);

  /**
   * Writes the intent. From then on the destroy goes on, whatever becomes of this process.
   * @throws UnavailableError
   */
  async function intend(id: string): Promise<void> {
    // Written again, the intent would set back how far the destroy has come.
    if ((await workbenches.find(id))?.destroy) return;
    // Gone meanwhile, maybe by this very call, whose first answer was lost: then it is as it should be.
    if (!(await workbenches.write(id, { destroy: { step: 'requested' } }))) return;
    logger.info({ workbench: id }, 'destroy requested');
  }

  /** Takes up, or joins, a destroy whose intent is written. Resolves when all is gone, or at close. Never rejects. */
  function resume(id: string): Promise<void> {
    return queue.add(id, () => round(id), logger.child({ workbench: id, job: 'destroy' }));
  }

  async function round(id: string): Promise<Round> {
    const workbench = await workbenches.find(id);
    if (!workbench) return 'done';
    // The intent is written before this job begins, and never taken back: EFS just doesn't show it yet.
    if (!workbench.destroy) return 'wait';
    return await apply(await observe(workbench));
  }

  async function observe(workbench: Workbench): Promise<DestroySight> {
    const lastId = lastTask(workbench)?.taskId;
    const purgeId = workbench.destroy?.step === 'purging' ? workbench.destroy.taskId : undefined;
    const living = await tasks.living(workbench.id);
    const named = await tasks.describe([lastId, purgeId].flatMap((id) => id ?? []));
    const own = (id = '') => ownTask(workbench, named.get(id));
    return { workbench, living, last: own(lastId), purge: own(purgeId) };
  }

  async function apply(sight: DestroySight): Promise<Round> {
    const { workbench } = sight;
    const { id } = workbench;
    const step = nextDestroyStep(sight, momentOf(context), timings.purgePatienceMs);
    logger.debug({ workbench: id, step }, 'destroy step');
    switch (step.kind) {
      case 'wait':
        return 'wait';
      case 'fence':
        return await fence(workbench, step.generation);
      case 'stop':
        await outdatePurge(workbench, step.tasks);
        for (const task of step.tasks) await tasks.stop(task.id, stopReasons.destroy);
        return 'wait';
      case 'purge':
        return await purge(workbench, step.attempt);
      case 'purged':
        await workbenches.write(id, { destroy: { step: 'purged', generation: step.generation } });
        return 'progress';
      case 'remove':
        await definitions.remove(id);
        await logs.remove(workbench);
        await workbenches.remove(id);
        logger.info({ workbench: id }, 'destroyed, with all its data');
        return 'done';
    }
  }

  /**
   * Asks ECS for a purge with the very token of a start: either the start came first, and ECS names its task; or no
   * start of this generation can ever make one, whoever still tries.
   */
  async function fence(workbench: Workbench, generation: number): Promise<Round> {
    const launch = await launchPurge(workbench, launchToken(workbench.id, generation));
    if (launch.kind === 'noDefinition') return 'wait';
    if (launch.kind === 'refused') return await write(workbench, { outcome: { generation, refused: true } });
    const { taskId, task } = launch;
    const launchedAt = clock.now();
    const outcome = { generation, taskId, launchedAt };
    if (task?.purge) {
      const destroy = { step: 'purging', generation, attempt: 1, taskId, launchedAt } as const;
      return await write(workbench, { outcome, destroy });
    }
    await tasks.stop(taskId, stopReasons.destroy);
    return await write(workbench, { outcome });
  }

  async function launchPurge(workbench: Workbench, token: string): Promise<Launch> {
    return await askForTask(tasks, { workbench, token, purge: true }, definitions.ensure(workbench, 'purge'));
  }

  /**
   * A task that somebody started past us beside or after the purge may have written since: as a generation of its own,
   * it has its data purged anew.
   */
  async function outdatePurge(workbench: Workbench, stopping: readonly Task[]): Promise<void> {
    const { id, destroy } = workbench;
    const writer = stopping.find((task) => !task.purge);
    const latest = latestGeneration(workbench);
    if (!writer || !destroy || destroy.step === 'requested' || destroy.generation < latest) return;
    const generation = latest + 1;
    const outcome = { generation, taskId: writer.id, launchedAt: clock.now() };
    await workbenches.write(id, { run: generation, outcome });
  }

  /** Another controller may have been quicker: then what was made since has to go as well. */
  async function write(workbench: Workbench, changes: WorkbenchChanges): Promise<Round> {
    const { id } = workbench;
    if (await workbenches.write(id, changes)) return 'wait';
    await definitions.remove(id);
    await logs.remove(workbench);
    return 'done';
  }

  /** A refused attempt is written down too: ECS would replay the refusal for its token. */
  async function purge(workbench: Workbench, attempt: number): Promise<Round> {
    const { id } = workbench;
    const generation = latestGeneration(workbench);
    const launch = await launchPurge(workbench, `${id}-purge-${generation}-${attempt}`);
    if (launch.kind === 'noDefinition') return 'wait';
    if (launch.kind === 'refused') {
      logger.warn({ workbench: id, attempt, cause: launch.message }, 'ECS refused to start a purge task');
    } else if (attempt > 1) {
      logger.warn({ workbench: id, attempt }, 'purging again');
    }
    const taskId = launch.kind === 'launched' ? launch.taskId : undefined;
    const launchedAt = taskId ? clock.now() : 0;
    return await write(workbench, { destroy: { step: 'purging', generation, attempt, taskId, launchedAt } });
  }

  /** The intents of what is not done by then stay on the records. */
  const { close } = queue;
  return { intend, resume, close };
}

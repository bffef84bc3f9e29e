import { DescribeTasksCommand, type ECSClient, type Task } from '@aws-sdk/client-ecs';
import type { Context } from '../lib/Context.ts';
import { UnavailableError, UpstreamError } from '../lib/errors.ts';
import { callAws } from './awsErrors.ts';

/** DescribeTasks takes no more at a time. */
const BATCH = 100;
const MOST_LEFT_OUT = 1_000;
/** Formed as ids are, and nobody's: ECS takes it, unless it is the call itself that it refuses. */
const NOBODYS_TASK = '0'.repeat(32);

/**
 * Asks ECS about any number of tasks. ECS refuses a whole call for one id that it doesn't like: then that one is looked
 * for, and taken for a task that ECS doesn't know; the others are answered.
 */
export function createDescribeTasks(
  ecs: ECSClient,
  cluster: string,
  { clock, timings, logger }: Omit<Context, 'random'>,
): (taskIds: readonly string[]) => Promise<readonly Task[]> {
  /** Until when, by id; the oldest first. */
  const leftOut = new Map<string, number>();

  async function ask(taskIds: readonly string[]): Promise<readonly Task[]> {
    const answer = await callAws(() => ecs.send(new DescribeTasksCommand({ cluster, tasks: [...taskIds] })));
    const failures = (answer.failures ?? []).filter(({ reason }) => reason !== 'MISSING');
    if (failures.length > 0) {
      logger.warn({ failures }, 'ECS could not describe tasks');
      throw new UnavailableError('AWS does not show the task now; try again in a moment');
    }
    return answer.tasks ?? [];
  }

  async function askBatch(taskIds: readonly string[]): Promise<readonly Task[]> {
    try {
      return await ask(taskIds);
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      await ask([NOBODYS_TASK]);
      return await askWithoutRefused(taskIds);
    }
  }

  /** One half after the other: a call or two at a time is what the rate allows beside everybody's reads. */
  async function askWithoutRefused(taskIds: readonly string[]): Promise<readonly Task[]> {
    try {
      return await ask(taskIds);
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      const [taskId, ...others] = taskIds;
      if (taskId !== undefined && others.length === 0) {
        leaveOut(taskId, error);
        return [];
      }
      const middle = Math.ceil(taskIds.length / 2);
      const first = await askWithoutRefused(taskIds.slice(0, middle));
      return [...first, ...(await askWithoutRefused(taskIds.slice(middle)))];
    }
  }

  function leaveOut(taskId: string, error: UpstreamError): void {
    logger.error({ task: taskId, err: error }, 'ECS refuses the id of a task, which is taken for unknown');
    leftOut.delete(taskId);
    leftOut.set(taskId, clock.monotonic() + timings.leaveOutForMs);
    for (const oldest of leftOut.keys()) {
      if (leftOut.size <= MOST_LEFT_OUT) break;
      leftOut.delete(oldest);
    }
  }

  return async (taskIds) => {
    const now = clock.monotonic();
    const asked = taskIds.filter((taskId) => (leftOut.get(taskId) ?? 0) <= now);
    const batches = Array.from({ length: Math.ceil(asked.length / BATCH) }, (_, index) =>
      asked.slice(index * BATCH, (index + 1) * BATCH),
    );
    return (await Promise.all(batches.map(askBatch))).flat();
  };
}

import { EventEmitter } from 'node:events';
import type { CallBudget } from '../../lib/CallBudget.ts';
import type { Context } from '../../lib/Context.ts';
import { createLoop, type Next } from '../../lib/createLoop.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { isUp } from '../model/Task.ts';
import type { Tasks } from '../ports.ts';
import { PollQueue } from './PollQueue.ts';
import type { StoredTask, TaskObservation, TaskStore } from './TaskStore.ts';

/** DescribeTasks takes no more at a time. */
const BATCH = 100;

export type TaskPoller = ReturnType<typeof createTaskPoller>;

/**
 * Keeps the store of tasks fresh. However many read, a task is polled once a second at most, a hundred with one call,
 * within a budget of calls; beyond it what is known grows older, and AWS never throttles.
 */
export function createTaskPoller(tasks: Tasks, store: TaskStore, budget: CallBudget, context: Context) {
  const { clock, timings } = context;
  const queue = new PollQueue();
  /** Tells those who wait for a task's next answer; with the error, if there is none. */
  const answers = new EventEmitter().setMaxListeners(0);
  const capacity = budget.perSecond * BATCH;
  let failing = false;
  let polledAt = Number.NEGATIVE_INFINITY;

  /** What is known, if that will do: fresh, final, or as fresh as the budget allows. The task is wanted from then on. */
  function peek(taskId: string): TaskObservation | undefined {
    const stored = store.want(taskId);
    const { observation } = stored;
    // What is final stays so, whatever this process did to the task since: nobody will look again.
    if (store.isFinal(stored)) return observation;
    if (!queue.has(taskId)) {
      queue.add(taskId, observation ? 'moving' : 'now');
      loop.wake();
    }
    if (!observation || isInvalid(stored)) return undefined;
    // More may be wanted than the budget can look at in time.
    const behind = queue.size > capacity * 0.8;
    return behind || ageOf(observation) <= timings.taskFreshMs ? observation : undefined;
  }

  /**
   * As peek, waiting for ECS where need be. While ECS fails: what it showed last, however long ago.
   * @throws UnavailableError, UpstreamError if it never did
   */
  async function get(taskId: string): Promise<TaskObservation> {
    const known = peek(taskId);
    if (known) return known;
    const last = store.get(taskId)?.observation;
    if (last && failing) return last;
    queue.add(taskId, 'now');
    loop.wake();
    const failure = await new Promise<unknown>((resolve) => answers.once(taskId, resolve));
    const observation = store.get(taskId)?.observation;
    if (observation) return observation;
    throw failure ?? new UnavailableError('AWS does not show the task now; try again in a moment');
  }

  /** Goes on for as long as anything is wanted; one call at a time. */
  async function poll(): Promise<Next> {
    if (queue.size === 0) return 'end';
    const turn = polledAt + timings.pollAtLeastEveryMs - clock.monotonic();
    const wait = Math.min(budget.wait(), Math.max(turn, 0));
    const batch = wait > 0 ? [] : queue.take(BATCH, dueOf);
    if (batch.length === 0) return wait || timings.pollIdlePauseMs;
    polledAt = clock.monotonic();
    try {
      await tasks.describe(batch);
      failing = false;
      settle(batch);
    } catch (error) {
      failing = true;
      settle(batch, error);
      throw error;
    }
    store.forgetUnwanted();
    return 0;
  }

  function dueOf(taskId: string): 'now' | 'later' | 'drop' {
    const stored = store.get(taskId);
    if (stored && store.isFinal(stored)) {
      // Somebody else's look has settled it meanwhile.
      answers.emit(taskId);
      return 'drop';
    }
    const wanted = stored && clock.monotonic() - stored.wantedAt <= timings.taskWantedForMs;
    if (!wanted && answers.listenerCount(taskId) === 0) return 'drop';
    const observation = stored?.observation;
    return !observation || isInvalid(stored) || ageOf(observation) >= pollAfter(observation) ? 'now' : 'later';
  }

  function pollAfter({ task }: TaskObservation): number {
    const few = queue.size <= capacity / 4;
    return few && !isUp(task) ? timings.pollMovingTaskAfterMs : timings.pollTaskAfterMs;
  }

  /** Tells those who wait, and queues the tasks for their next turn. */
  function settle(batch: readonly string[], failure?: unknown): void {
    for (const taskId of batch) {
      answers.emit(taskId, failure);
      const stored = store.get(taskId);
      if (!stored || !store.isFinal(stored)) queue.add(taskId, isUp(stored?.observation?.task) ? 'steady' : 'moving');
    }
  }

  function ageOf({ observedAt }: TaskObservation): number {
    return clock.monotonic() - observedAt;
  }

  async function close(): Promise<void> {
    const closing = new UnavailableError('The controller is stopping; ask again');
    for (const taskId of answers.eventNames()) answers.emit(taskId, closing);
    await loop.close();
  }

  const retry = { retryMs: timings.pollRetryMs, longestRetryMs: timings.longestPollRetryMs };
  const loop = createLoop({ round: poll, ...retry, failure: 'cannot look at tasks now' }, context);
  return { peek, get, close };
}

/** ECS was asked before this process changed something. */
function isInvalid(stored: StoredTask): boolean {
  return stored.observation !== undefined && stored.observation.observedAt < stored.invalidAt;
}

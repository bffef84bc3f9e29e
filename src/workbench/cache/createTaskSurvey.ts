import type { Context } from '../../lib/Context.ts';
import { createLoop, type Next } from '../../lib/createLoop.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { lastTask } from '../model/Workbench.ts';
import type { Tasks } from '../ports.ts';
import type { RecordReflector } from './createRecordReflector.ts';
import type { RecordStore } from './RecordStore.ts';
import type { TaskStore } from './TaskStore.ts';

/** DescribeTasks takes no more at a time. */
const BATCH = 100;
/** The part of the calls for statuses that it takes at most. */
const SHARE = 1 / 2;

export type TaskSurvey = ReturnType<typeof createTaskSurvey>;

/**
 * Looks at the tasks that nobody asks about: once at all of them, then again at those that can still change. So whoever
 * asks for all finds them in memory, and whoever asks for the first time those that ended long ago.
 * @param tasks calls wait for those that somebody waits for
 */
export function createTaskSurvey(
  records: RecordStore,
  reflector: RecordReflector,
  store: TaskStore,
  tasks: Pick<Tasks, 'describe'>,
  callsPerSecond: number,
  context: Context,
) {
  const { clock, timings } = context;
  const everyMs = 1_000 / (callsPerSecond * SHARE);
  let complete = false;
  let left = 0;

  async function survey(signal: AbortSignal): Promise<Next> {
    if (!complete && reflector.ageMs() === Number.POSITIVE_INFINITY) await reflector.resync();
    const asked = due();
    left = asked.length;
    for (let start = 0; start < asked.length && !signal.aborted; start += BATCH) {
      const calledAt = clock.monotonic();
      await tasks.describe(asked.slice(start, start + BATCH));
      left -= BATCH;
      await clock.sleep(Math.max(0, calledAt + everyMs - clock.monotonic()), signal);
    }
    complete = true;
    store.forgetUnwanted();
    return timings.surveyPauseMs;
  }

  /** Those that records name, and that were not looked at for a while or never. */
  function due(): readonly string[] {
    const named = new Set<string>();
    for (const { workbench } of records.all()) {
      const taskId = lastTask(workbench)?.taskId;
      if (taskId) named.add(taskId);
    }
    store.keep(named);
    const now = clock.monotonic();
    const ageOf = (taskId: string) => now - (store.get(taskId)?.observation?.observedAt ?? Number.NEGATIVE_INFINITY);
    // Where one is due, those that will be next come along: they fill its call, and then come due together.
    const soon = [...named].filter((taskId) => {
      const stored = store.get(taskId);
      return ageOf(taskId) >= timings.surveyAfterMs / 2 && !(stored && store.isFinal(stored));
    });
    return soon.some((taskId) => ageOf(taskId) >= timings.surveyAfterMs) ? soon : [];
  }

  /** @throws UnavailableError before all tasks have been looked at once */
  function assertComplete(): void {
    if (complete) return;
    throw new UnavailableError(
      'Not all workbenches have been looked at since the start; try again when Retry-After says',
      {
        retryAfterSeconds: 1 + Math.ceil((Math.max(left, 0) / BATCH) * (everyMs / 1_000)),
      },
    );
  }

  const retry = { retryMs: timings.pollRetryMs, longestRetryMs: timings.surveyAfterMs };
  const loop = createLoop({ round: survey, ...retry, failure: 'cannot look at all tasks now' }, context);
  return { run: loop.run, close: loop.close, assertComplete };
}

import type { Context } from '../../lib/Context.ts';
import { createLoop, type Loop } from '../../lib/createLoop.ts';
import { createWorkQueue, type Round } from '../../lib/createWorkQueue.ts';
import type { RecordReflector } from '../cache/createRecordReflector.ts';
import type { RecordStore } from '../cache/RecordStore.ts';
import type { DeniedCreates } from '../commands/createDeniedCreates.ts';
import type { Destroyer } from '../commands/createDestroyer.ts';
import type { Starter } from '../commands/createStarter.ts';
import { isUnanswered, outstandingGeneration, type Workbench } from '../model/Workbench.ts';

const STARTS_AT_ONCE = 4;
/** Controllers that began together drift apart. */
const JITTER = 0.1;

/** Finds what a dead controller left undone, at start-up and with every resync, and takes it up. */
export function createSweeper(
  records: RecordStore,
  reflector: RecordReflector,
  starter: Starter,
  destroyer: Destroyer,
  denied: DeniedCreates,
  context: Context,
): Loop {
  const { clock, timings, logger } = context;
  const { forgottenAfterMs, sweepEveryMs } = timings;
  const starts = createWorkQueue(STARTS_AT_ONCE, context);
  /** When each outstanding generation was first seen, by workbench and generation. */
  let outstanding: ReadonlyMap<string, number> = new Map();
  /** What is outstanding when this process starts may well be its own, from before a crash: no waiting then. */
  let patience = 0;

  async function sweep(): Promise<number> {
    await reflector.resync();
    const seen = new Map<string, number>();
    for (const { workbench } of records.all()) {
      // Beside the sweeps: a start that AWS is slow to answer holds up nobody's list.
      if (workbench.destroy) void destroyer.resume(workbench.id);
      else if (isForgotten(workbench, seen)) void starts.add(workbench.id, () => finishStart(workbench));
    }
    outstanding = seen;
    patience = forgottenAfterMs;
    return outstanding.size > 0 ? forgottenAfterMs / 3 : sweepEveryMs;
  }

  function isForgotten(workbench: Workbench, seen: Map<string, number>): boolean {
    const generation = outstandingGeneration(workbench);
    if (!generation) return false;
    const key = `${workbench.id}-${generation}`;
    const seenAt = outstanding.get(key) ?? clock.monotonic();
    seen.set(key, seenAt);
    const age = clock.monotonic() - seenAt;
    if (!isUnanswered(workbench)) return age >= patience;
    // Any controller's create may still be in flight: to help it on hurts nobody, but to take it back would.
    return denied.has(workbench) || age >= Math.max(forgottenAfterMs, 2 * timings.answerWithinMs);
  }

  /** Not repeated here: the next sweep finds what is still undone. */
  async function finishStart({ id }: Workbench): Promise<Round> {
    try {
      if ((await starter.finish(id)) === 'unanswered') await takeBack(id);
      else logger.info({ workbench: id }, 'finished a start that was left undone');
    } catch (error) {
      logger.warn({ workbench: id, err: error }, 'could not finish a start yet');
    }
    return 'done';
  }

  async function takeBack(id: string): Promise<void> {
    logger.info({ workbench: id }, 'a create that nobody was told of is taken back');
    await destroyer.intend(id);
    void destroyer.resume(id);
  }

  const times = { jitter: JITTER, retryMs: forgottenAfterMs / 3, longestRetryMs: sweepEveryMs };
  const loop = createLoop({ round: sweep, ...times, failure: 'a sweep failed and will be repeated' }, context);
  return {
    ...loop,
    async close() {
      await loop.close();
      await starts.close();
    },
  };
}

import type { Context } from '../../lib/Context.ts';
import { createWorkQueue } from '../../lib/createWorkQueue.ts';
import { ExpectedError } from '../../lib/errors.ts';
import type { Destroyer } from './createDestroyer.ts';

/** However many creates failed: what made them fail may not be over, and nobody waits for this. */
const ROUNDS_AT_ONCE = 1;

export type Rollback = ReturnType<typeof createRollback>;

/** Takes failed creates back. */
export function createRollback(destroyer: Destroyer, context: Context) {
  const { clock, timings, logger } = context;
  const queue = createWorkQueue(ROUNDS_AT_ONCE, context);

  /** A create that ECS refused. Resolves when nothing of it is left, or when the rest has to go on in the background. */
  async function undo(id: string): Promise<void> {
    try {
      await destroyer.intend(id);
    } catch {
      abandon(id);
      return;
    }
    await destroyer.resume(id);
  }

  /** A create that ended without an answer: destroys what there may be, in the background, for as long as it takes. */
  function abandon(id: string): void {
    void queue.add(id, async (signal) => {
      try {
        await destroyer.intend(id);
        void destroyer.resume(id);
      } catch (error) {
        const unavailable = !(error instanceof ExpectedError) || error.code === 'cloud_unavailable';
        if (unavailable) {
          await clock.sleep(timings.rollbackBreatherMs, signal).catch(() => undefined);
          throw error;
        }
        logger.error({ err: error }, 'a failed create could not be taken back');
      }
      return 'done';
    });
  }

  /** What isn't done by then is found by the sweep, which rolls it forward: its user sees it in the list. */
  const { close } = queue;
  return { undo, abandon, close };
}

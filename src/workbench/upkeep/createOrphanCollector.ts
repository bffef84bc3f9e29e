import type { Context } from '../../lib/Context.ts';
import { createLoop, type Loop } from '../../lib/createLoop.ts';
import { stopReasons } from '../model/stoppedReason.ts';
import type { Records, TaskDefinitions, Tasks } from '../ports.ts';

/**
 * Stops and removes what no workbench accounts for: an operator deleted its access point, or a call of a controller
 * that is no more arrived after the destroy. Its mark is an active task definition whose access point EFS doesn't know.
 * @param known saves asking EFS about workbenches that are known
 */
export function createOrphanCollector(
  known: Readonly<{ get(id: string): unknown }>,
  records: Pick<Records, 'exists'>,
  tasks: Tasks,
  definitions: TaskDefinitions,
  context: Context,
): Loop {
  const { logger, timings } = context;
  const { orphansEveryMs } = timings;
  /** Seen once. EFS may take a moment to show what was only just created, but not until the next look. */
  let suspects: ReadonlySet<string> = new Set();

  async function look(signal: AbortSignal): Promise<number> {
    const seen = new Set<string>();
    for await (const ids of definitions.owners()) {
      for (const id of ids) {
        if (signal.aborted) return orphansEveryMs;
        if (known.get(id) || (await records.exists(id))) continue;
        if (suspects.has(id)) await collect(id);
        else seen.add(id);
      }
    }
    suspects = seen;
    return orphansEveryMs;
  }

  async function collect(id: string): Promise<void> {
    logger.warn({ workbench: id }, 'its access point is gone: its tasks and task definitions go too');
    for (const task of await tasks.living(id)) await tasks.stop(task.id, stopReasons.orphan);
    await definitions.remove(id);
  }

  const times = { firstAfterMs: orphansEveryMs, retryMs: orphansEveryMs, longestRetryMs: orphansEveryMs };
  const failure = 'the look for orphans failed and will be repeated';
  return createLoop({ round: look, ...times, failure }, context);
}

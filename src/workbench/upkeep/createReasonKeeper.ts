import type { Context } from '../../lib/Context.ts';
import { createLoop, type Loop } from '../../lib/createLoop.ts';
import type { CountedCalls } from '../../lib/createPatientCalls.ts';
import type { RecordStore } from '../cache/RecordStore.ts';
import type { TaskStore } from '../cache/TaskStore.ts';
import { mayStillAppear, momentOf } from '../model/status.ts';
import { stoppedReasonOf } from '../model/stoppedReason.ts';
import { hasEnded, type Task } from '../model/Task.ts';
import { lastTask, ownTask, type Workbench } from '../model/Workbench.ts';
import type { Tasks, Workbenches } from '../ports.ts';

const BATCH = 100;

/**
 * Writes down why a workbench stopped, while ECS still tells: as the store shows it, and for those that nobody asks
 * about, in an audit now and then.
 * @param tasks past the store, which has no use for what nobody asked for
 */
export function createReasonKeeper(
  records: RecordStore,
  store: TaskStore,
  workbenches: Pick<Workbenches, 'write'>,
  tasks: Pick<Tasks, 'describe'>,
  calls: CountedCalls,
  context: Context,
): Loop {
  const { clock, timings, logger } = context;
  const writing = new Set<string>();
  /** Tasks that have nothing more to tell. */
  let told = new Set<string>();

  /** The tasks that may yet tell why they ended. */
  function open(): ReadonlyMap<string, Workbench> {
    const named = [...records.all()].flatMap(({ workbench }) => {
      const last = lastTask(workbench);
      const kept = !last || workbench.destroy || workbench.stopped?.generation === last.generation;
      return kept ? [] : [[last.taskId, workbench] as const];
    });
    told = new Set(named.map(([id]) => id).filter((id) => told.has(id)));
    return new Map(named.filter(([id]) => !told.has(id)));
  }

  async function audit(signal: AbortSignal): Promise<number> {
    const asked = [...open()];
    for (let start = 0; start < asked.length && !signal.aborted; start += BATCH) {
      await calls.take();
      const batch = asked.slice(start, start + BATCH);
      const shown = await tasks.describe(batch.map(([id]) => id));
      for (const [id, workbench] of batch) {
        const task = shown.get(id);
        if (task && hasEnded(task)) await keep(workbench, task);
        if (task ? hasEnded(task) : !mayStillAppear(lastTask(workbench)?.launchedAt ?? 0, momentOf(context)))
          told.add(id);
      }
      await clock.sleep(timings.auditPauseMs, signal);
    }
    return timings.auditEveryMs;
  }

  async function keep(workbench: Workbench, task: Task): Promise<void> {
    const last = lastTask(workbench);
    const end = ownTask(workbench, task)?.end;
    const reason = end && stoppedReasonOf(end);
    if (!reason || !last || last.taskId !== task.id || workbench.destroy) return;
    if (workbench.stopped?.generation === last.generation || writing.has(task.id)) return;
    writing.add(task.id);
    try {
      await workbenches.write(workbench.id, { stopped: { generation: last.generation, reason } });
      logger.info({ workbench: workbench.id, task: task.id, reason }, 'stopped, and not by request');
    } catch (error) {
      logger.warn({ workbench: workbench.id, err: error }, 'could not write down yet why a workbench stopped');
    } finally {
      writing.delete(task.id);
    }
  }

  const { firstAuditAfterMs, auditEveryMs } = timings;
  const times = { firstAfterMs: firstAuditAfterMs, retryMs: firstAuditAfterMs, longestRetryMs: auditEveryMs };
  const failure = 'could not ask how all tasks are; to be repeated';
  const loop = createLoop({ round: audit, ...times, failure }, context);
  const endListening = store.changes.add(({ workbenchId, task }) => {
    const workbench = workbenchId ? records.get(workbenchId)?.workbench : undefined;
    if (workbench && task) void keep(workbench, task);
  });
  return {
    ...loop,
    async close() {
      endListening();
      await loop.close();
    },
  };
}

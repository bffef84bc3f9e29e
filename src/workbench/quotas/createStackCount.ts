import type { Context } from '../../lib/Context.ts';
import type { RecordStore } from '../cache/RecordStore.ts';
import type { TaskStore } from '../cache/TaskStore.ts';
import { mayStillAppear, momentOf } from '../model/status.ts';
import { hasEnded } from '../model/Task.ts';
import { lastTask, outstandingGeneration, type Workbench } from '../model/Workbench.ts';
import type { Tasks } from '../ports.ts';

export type StackCount = ReturnType<typeof createStackCount>;

/** Which of all users' workbenches run: ECS lists the stack's tasks, a hundred a call, and whoever asks at a time shares it. */
export function createStackCount(
  records: RecordStore,
  store: TaskStore,
  tasks: Pick<Tasks, 'allRunning'>,
  context: Context,
) {
  const { clock, timings } = context;
  let listed: ReadonlySet<string> = new Set();
  let listedAt = Number.NEGATIVE_INFINITY;
  let listing: Promise<void> | undefined;

  async function list(): Promise<void> {
    const askedAt = clock.monotonic();
    listed = await tasks.allRunning();
    listedAt = askedAt;
  }

  /** Brings what `ids` tells up to date. @throws UnavailableError */
  async function refresh(): Promise<void> {
    if (clock.monotonic() - listedAt <= timings.countFreshMs) return;
    listing ??= list().finally(() => {
      listing = undefined;
    });
    await listing;
  }

  /** Those on their way up; one on its way down has given its place away. */
  function ids(): ReadonlySet<string> {
    const running = [...records.all()].filter(({ workbench }) => !workbench.destroy && isUp(workbench));
    return new Set(running.map(({ workbench }) => workbench.id));
  }

  function isUp(workbench: Workbench): boolean {
    if (outstandingGeneration(workbench) !== undefined) return true;
    const last = lastTask(workbench);
    if (!last) return false;
    const seen = store.get(last.taskId)?.observation?.task;
    if (seen && hasEnded(seen)) return false;
    return listed.has(last.taskId) || mayStillAppear(last.launchedAt, momentOf(context));
  }

  return { refresh, ids };
}

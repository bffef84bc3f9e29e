import type { Context } from '../../lib/Context.ts';
import { momentOf, type Status, statusOf } from '../model/status.ts';
import { lastTask, ownTask, type Workbench } from '../model/Workbench.ts';
import { CreationOrder, type Place } from './CreationOrder.ts';
import type { RecordStore } from './RecordStore.ts';
import type { TaskStore } from './TaskStore.ts';

/** A workbench among all. */
export type Standing = Place &
  Readonly<{
    workbench: Workbench;
    /** Undefined: its task has never been looked at. */
    status: Status | undefined;
    /** What a search looks at, in lower case. */
    text: string;
  }>;

export type Standings = ReturnType<typeof createStandings>;

/**
 * Which status each workbench has and how many have it, kept as records and tasks change: whoever asks about all of ten
 * thousand has no time to find that out.
 */
export function createStandings(records: RecordStore, tasks: TaskStore, context: Context) {
  const order = new CreationOrder<Standing>();
  const counts = new Map<Status, number>();
  const byTask = new Map<string, string>();
  const unseen = new Set<string>();
  /** Time alone may end that: a task that doesn't appear. */
  const starting = new Set<string>();

  function update(id: string): void {
    const before = order.get(id);
    const workbench = records.get(id)?.workbench;
    const after = workbench && standingOf(workbench, before);
    const [taskBefore, taskAfter] = [before, after].map((one) => one && lastTask(one.workbench)?.taskId);
    if (taskBefore !== undefined && taskBefore !== taskAfter) byTask.delete(taskBefore);
    if (taskAfter !== undefined) byTask.set(taskAfter, id);
    if (before?.status !== after?.status) {
      count(before?.status, -1);
      count(after?.status, 1);
    }
    if (after) order.put(after);
    else order.delete(id);
    mark(unseen, id, after !== undefined && after.status === undefined);
    mark(starting, id, after?.status === 'starting');
  }

  function standingOf(workbench: Workbench, before: Standing | undefined): Standing {
    const { id, name, userId } = workbench;
    const text = before?.workbench === workbench ? before.text : `${name}\n${userId}\n${id}`.toLowerCase();
    return { id, createdAt: workbench.createdAt.getTime(), workbench, status: statusIn(workbench), text };
  }

  function statusIn(workbench: Workbench): Status | undefined {
    const taskId = lastTask(workbench)?.taskId;
    const observation = taskId === undefined ? undefined : tasks.get(taskId)?.observation;
    if (taskId !== undefined && !observation && !workbench.destroy) return undefined;
    return statusOf(workbench, ownTask(workbench, observation?.task), momentOf(context));
  }

  function count(status: Status | undefined, difference: number): void {
    if (status === undefined) return;
    const sum = (counts.get(status) ?? 0) + difference;
    if (sum > 0) counts.set(status, sum);
    else counts.delete(status);
  }

  records.changes.add(update);
  tasks.changes.add(({ taskId }) => {
    const id = byTask.get(taskId);
    if (id !== undefined) update(id);
  });

  return {
    /** Brings what time changes up to date: before the others are asked. */
    refresh: () => {
      for (const id of [...starting]) update(id);
    },
    after: (place: Place | undefined) => order.after(place),
    counts: (): ReadonlyMap<Status, number> => new Map(counts),
    /** Their tasks have never been looked at. */
    unseen: (): ReadonlySet<string> => unseen,
  };
}

function mark(set: Set<string>, id: string, is: boolean): void {
  if (is) set.add(id);
  else set.delete(id);
}

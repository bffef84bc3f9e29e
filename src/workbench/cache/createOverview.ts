import type { Context } from '../../lib/Context.ts';
import { UnavailableError } from '../../lib/errors.ts';
import type { Status } from '../model/status.ts';
import { hasEnded } from '../model/Task.ts';
import { lastTask, ownTask } from '../model/Workbench.ts';
import type { WorkbenchView } from '../model/WorkbenchView.ts';
import type { Place } from './CreationOrder.ts';
import type { Standing, Standings } from './createStandings.ts';
import type { TaskPoller } from './createTaskPoller.ts';
import type { TaskSurvey } from './createTaskSurvey.ts';
import type { WorkbenchLister } from './createWorkbenchLister.ts';
import type { RecordStore } from './RecordStore.ts';
import type { TaskStore } from './TaskStore.ts';

/** Tasks that other controllers have started since the last look at all: so many are waited for. */
const MOST_UNSEEN = 1_000;

export type Filter = Readonly<{
  userId: string | undefined;
  /** Undefined: those being destroyed are left out. */
  status: string | undefined;
  /** In name, user and id, without case. */
  text: string | undefined;
}>;

export type Page = Readonly<{
  views: readonly WorkbenchView[];
  /** Where the last one stands, if there are more. */
  last: Place | undefined;
  /** By status, of all that the other filters let through; with the first page. */
  counts: ReadonlyMap<Status, number> | undefined;
}>;

export type Overview = ReturnType<typeof createOverview>;

/** All workbenches from memory, whoever's they are. */
export function createOverview(
  standings: Standings,
  records: RecordStore,
  tasks: TaskStore,
  poller: Pick<TaskPoller, 'get'>,
  survey: Pick<TaskSurvey, 'assertComplete'>,
  lister: Pick<WorkbenchLister, 'syncedRecently' | 'viewWith'>,
  context: Context,
) {
  /** Oldest first. @throws UnavailableError */
  async function page(filter: Filter, after: Place | undefined, limit: number): Promise<Page> {
    await ready();
    standings.refresh();
    const isOf = matching(filter);
    const views: WorkbenchView[] = [];
    let last: Place | undefined;
    for (const standing of standings.after(after)) {
      if (!hasStatus(standing, filter.status) || !isOf(standing)) continue;
      if (views.length === limit) return { views, last, counts: after ? undefined : countsOf(filter) };
      const view = peek(standing.id);
      if (view) views.push(view);
      last = standing;
    }
    return { views, last: undefined, counts: after ? undefined : countsOf(filter) };
  }

  function countsOf(filter: Filter): ReadonlyMap<Status, number> {
    if (filter.userId === undefined && filter.text === undefined) return standings.counts();
    const isOf = matching(filter);
    const counts = new Map<Status, number>();
    for (const standing of standings.after(undefined)) {
      const { status } = standing;
      if (status !== undefined && isOf(standing)) counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    return counts;
  }

  /** As memory has it; undefined where it has no such workbench, or doesn't know its task. */
  function peek(id: string): WorkbenchView | undefined {
    const stored = records.get(id);
    if (!stored || standings.unseen().has(id)) return undefined;
    const { workbench, observedAt } = stored;
    const taskId = lastTask(workbench)?.taskId;
    const observation = taskId === undefined ? undefined : tasks.get(taskId)?.observation;
    const task = ownTask(workbench, observation?.task);
    const shownAt = observation && task && !hasEnded(task) ? observation.observedAt : observedAt;
    return lister.viewWith(workbench, task, context.clock.monotonic() - shownAt);
  }

  /** All records are known, and all of their tasks. @throws UnavailableError */
  async function ready(): Promise<void> {
    survey.assertComplete();
    await lister.syncedRecently();
    const unseen = [...standings.unseen()].map((id) => records.get(id)?.workbench);
    if (unseen.length > MOST_UNSEEN) throw new UnavailableError('Many workbenches are new here; try again in a moment');
    const taskIds = unseen.flatMap((workbench) => (workbench && lastTask(workbench)?.taskId) ?? []);
    await Promise.all(taskIds.map((taskId) => poller.get(taskId)));
  }

  /** All that there are, oldest first. */
  const all = () => standings.after(undefined);

  return { page, peek, ready, all };
}

function hasStatus({ status }: Standing, wanted: string | undefined): boolean {
  return wanted === undefined ? status !== undefined && status !== 'destroying' : status === wanted;
}

function matching({ userId, text }: Filter): (standing: Standing) => boolean {
  const part = text?.toLowerCase();
  return (standing) =>
    (userId === undefined || standing.workbench.userId === userId) &&
    (part === undefined || standing.text.includes(part));
}

import type { Context } from '../../lib/Context.ts';
import { createLoop, type Next } from '../../lib/createLoop.ts';
import type { WorkbenchView } from '../model/WorkbenchView.ts';
import type { Overview } from './createOverview.ts';
import { shownOf } from './createStatusWatch.ts';
import type { WorkbenchLister } from './createWorkbenchLister.ts';
import type { RecordStore } from './RecordStore.ts';
import type { TaskStore } from './TaskStore.ts';

/** `view` undefined: the workbench is gone. */
export type FeedListener = (change: Readonly<{ id: string; view: WorkbenchView | undefined }>) => void;

type Subscriber = Readonly<{ userId: string | undefined; listener: FeedListener }>;

export type ChangeFeed = ReturnType<typeof createChangeFeed>;

/** Tells of every change of every workbench, to whoever may see it; while nobody listens it does nothing. */
export function createChangeFeed(
  overview: Pick<Overview, 'all' | 'peek' | 'ready'>,
  lister: Pick<WorkbenchLister, 'list' | 'peek'>,
  records: RecordStore,
  tasks: TaskStore,
  context: Context,
) {
  const subscribers = new Set<Subscriber>();
  /** What has been told of each; empty while nobody listens. */
  const told = new Map<string, Readonly<{ userId: string; shown: string }>>();
  /** Those that will change by themselves, and those of which nothing is known yet. */
  const moving = new Set<string>();

  /**
   * From now on, what changes.
   * @param userId undefined: everybody's
   * @returns ends that
   * @throws UnavailableError before those have been looked at once
   */
  async function subscribe(userId: string | undefined, listener: FeedListener): Promise<() => void> {
    await (userId === undefined ? overview.ready() : lister.list(userId));
    if (subscribers.size === 0) for (const { id } of overview.all()) remember(id, overview.peek(id));
    const subscriber = { userId, listener };
    subscribers.add(subscriber);
    void asking.run();
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size > 0) return;
      told.clear();
      moving.clear();
    };
  }

  function remember(id: string, view: WorkbenchView | undefined): void {
    if (view) told.set(id, { userId: view.workbench.userId, shown: shownOf(view) });
    if (view?.status === 'running' || view?.status === 'stopped') moving.delete(id);
    else moving.add(id);
  }

  function forget(id: string): void {
    told.delete(id);
    moving.delete(id);
  }

  function look(id: string): void {
    if (subscribers.size === 0) return;
    const before = told.get(id);
    const view = overview.peek(id);
    const known = view !== undefined || before !== undefined;
    const changed = view ? before?.shown !== shownOf(view) : !records.get(id);
    if (view || records.get(id)) remember(id, view);
    else forget(id);
    // Unknown is no status: there is nothing to tell until ECS has shown the task.
    if (!changed || !known) return;
    const owner = view?.workbench.userId ?? before?.userId;
    for (const { userId, listener } of [...subscribers]) {
      if (userId === undefined || userId === owner) listener({ id, view });
    }
  }

  /** Who is listened to is polled, and so is what is on its way wherever somebody listens to all. */
  function ask(): Next {
    const users = new Set([...subscribers].map(({ userId }) => userId));
    for (const userId of users) {
      if (userId !== undefined) for (const { id } of records.listOf(userId)) lister.peek(userId, id);
    }
    for (const id of [...moving]) {
      const owner = records.get(id)?.workbench.userId;
      if (owner !== undefined && users.has(undefined)) lister.peek(owner, id);
      look(id);
    }
    return subscribers.size > 0 ? context.timings.watchEveryMs : 'end';
  }

  const { watchEveryMs } = context.timings;
  const times = { firstAfterMs: watchEveryMs, retryMs: watchEveryMs, longestRetryMs: watchEveryMs };
  const asking = createLoop({ round: ask, ...times, failure: 'could not ask for what is followed' }, context);
  const endListening = [
    records.changes.add(look),
    tasks.changes.add(({ workbenchId }) => {
      if (workbenchId) look(workbenchId);
    }),
  ];

  async function close(): Promise<void> {
    for (const end of endListening) end();
    await asking.close();
  }

  return { subscribe, close };
}

import type { CallBudget } from '../../lib/CallBudget.ts';
import type { Context } from '../../lib/Context.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { assertOwner } from '../model/ownership.ts';
import type { Profiles } from '../model/Profile.ts';
import { momentOf } from '../model/status.ts';
import { hasEnded, type Task } from '../model/Task.ts';
import { lastTask, ownTask, type Workbench } from '../model/Workbench.ts';
import { viewOf, type WorkbenchView } from '../model/WorkbenchView.ts';
import type { RecordFinder } from './createRecordFinder.ts';
import type { RecordReflector } from './createRecordReflector.ts';
import { createStatusAge } from './createStatusAge.ts';
import type { TaskPoller } from './createTaskPoller.ts';
import type { RecordStore, StoredRecord } from './RecordStore.ts';
import type { TaskObservation } from './TaskStore.ts';

export type WorkbenchLister = ReturnType<typeof createWorkbenchLister>;

/**
 * What the cloud shows of workbenches: from memory where that is fresh enough, and shared by all who ask.
 * @param budget for reading single records
 */
export function createWorkbenchLister(
  store: RecordStore,
  finder: RecordFinder,
  reflector: RecordReflector,
  poller: TaskPoller,
  budget: CallBudget,
  profiles: Profiles,
  context: Context,
) {
  const { timings } = context;
  const age = createStatusAge(context);

  /** A user's workbench if memory alone can answer. Undefined says nothing: ask `get`. */
  function peek(userId: string, id: string): WorkbenchView | undefined {
    const stored = store.get(id);
    if (stored?.workbench.userId !== userId) return undefined;
    const taskId = lastTask(stored.workbench)?.taskId;
    const seen = taskId ? poller.peek(taskId) : undefined;
    if (taskId && !seen) return undefined;
    const observation = seen && ownObservation(stored.workbench, seen);
    if (!isAlive(observation) && !age.isFresh(stored)) return undefined;
    const view = viewIn(stored, observation);
    return age.isInTime(view) ? view : undefined;
  }

  /** @throws NotFoundError, also for another user's; UnavailableError */
  async function get(userId: string, id: string): Promise<WorkbenchView> {
    const view = await any(id, userId);
    assertOwner(userId, view?.workbench);
    return view;
  }

  /** Whoever's it is. @param asker whose turn a look-up takes, where that is known @throws UnavailableError */
  async function any(id: string, asker = ''): Promise<WorkbenchView | undefined> {
    if (!store.get(id)) await finder.find(id, asker);
    const known = store.get(id);
    if (!known) return undefined;
    const observation = await observationOf(known.workbench);
    if (isAlive(observation) || age.isFresh(known)) return age.inTime(viewIn(known, observation));
    const current = await refreshed(known);
    return current && age.inTime(viewIn(current, await observationOf(current.workbench)));
  }

  /** A user's workbenches, oldest first; those being destroyed are left out. @throws UnavailableError */
  async function list(userId: string): Promise<readonly WorkbenchView[]> {
    await syncedRecently();
    const own = store.listOf(userId).filter(({ destroy }) => !destroy);
    const views = await Promise.all(own.map(listed));
    return views.flatMap((view) => (view ? age.inTime(view) : []));
  }

  /** A view of what this process has just done or seen. */
  function viewWith(workbench: Workbench, task: Task | undefined, ageMs = 0): WorkbenchView {
    return viewOf(workbench, task, profiles, momentOf(context), ageMs, store.get(workbench.id)?.seenAt);
  }

  /** Who owns it never changes, so memory will do. @throws NotFoundError, UnavailableError */
  async function ownedBy(userId: string, id: string): Promise<Workbench> {
    const workbench = store.get(id)?.workbench ?? (await finder.find(id, userId));
    assertOwner(userId, workbench);
    return workbench;
  }

  /** The record alone: at once where memory has it. Undefined: there is none. Rejects with UnavailableError. */
  function recordOf(id: string): Workbench | undefined | Promise<Workbench | undefined> {
    return store.get(id)?.workbench ?? reflector.find(id);
  }

  async function listed(workbench: Workbench): Promise<WorkbenchView | undefined> {
    const observation = await observationOf(workbench);
    const stored = store.get(workbench.id);
    if (!stored) return undefined;
    if (!isAlive(observation) && !age.isFresh(stored)) reflector.resyncSoon();
    return viewIn({ ...stored, workbench }, observation);
  }

  async function observationOf(workbench: Workbench): Promise<TaskObservation | undefined> {
    const taskId = lastTask(workbench)?.taskId;
    return taskId ? ownObservation(workbench, await poller.get(taskId)) : undefined;
  }

  /** The record read again, if the budget has a call for it; a resync brings it otherwise. */
  async function refreshed(known: StoredRecord): Promise<StoredRecord | undefined> {
    const { id } = known.workbench;
    if (!budget.tryTake()) {
      reflector.resyncSoon();
      return known;
    }
    try {
      await reflector.find(id);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
    return store.get(id);
  }

  /** All that there was half a minute ago is in the store. @throws UnavailableError */
  async function syncedRecently(): Promise<void> {
    if (reflector.ageMs() > timings.listFreshMs) await orAsItWas(reflector.resync);
  }

  /** All that there was a few seconds ago is in the store. @throws UnavailableError */
  const synced = () => orAsItWas(reflector.resyncIfDue);

  async function orAsItWas(resync: () => Promise<void>): Promise<void> {
    const scannedMs = reflector.ageMs();
    try {
      await resync();
    } catch (error) {
      if (scannedMs > timings.serveStaleForMs) throw error;
    }
  }

  function viewIn({ workbench, observedAt }: StoredRecord, observation: TaskObservation | undefined): WorkbenchView {
    const shownAt = observation && isAlive(observation) ? observation.observedAt : observedAt;
    return viewWith(workbench, observation?.task, age.ageOf(shownAt));
  }

  return { peek, get, any, list, synced, syncedRecently, viewWith, ownedBy, recordOf };
}

function ownObservation(workbench: Workbench, seen: TaskObservation): TaskObservation {
  return ownTask(workbench, seen.task) === seen.task ? seen : { ...seen, task: undefined };
}

function isAlive(observation: TaskObservation | undefined): boolean {
  return observation?.task !== undefined && !hasEnded(observation.task);
}

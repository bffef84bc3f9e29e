import type { CallBudget } from '../../lib/CallBudget.ts';
import type { Clock } from '../../lib/clock.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { noSuchWorkbench } from '../model/errors.ts';
import { hasEnded, type Task } from '../model/Task.ts';
import { viewOf } from '../model/viewOf.ts';
import { lastTask, ownTask, type Workbench } from '../model/Workbench.ts';
import type { WorkbenchView } from '../model/WorkbenchView.ts';
import type { Pace } from '../Pace.ts';
import type { TaskBoard } from './TaskBoard.ts';
import type { Sighting } from './TaskSightings.ts';
import type { Indexed, WorkbenchIndex } from './WorkbenchIndex.ts';

/** While its task lives, nobody starts another one; after that, a record is read again when it is older than this. */
const RECORD_FRESH_MS = 3_500;
/** Lists show what other controllers made within this time. */
const LIST_FRESH_MS = 25_000;

type Dependencies = Readonly<{
  index: WorkbenchIndex;
  board: TaskBoard;
  /** For reading single records. */
  budget: CallBudget;
  clock: Clock;
  pace: Pace;
}>;

/** What the cloud shows of workbenches: from memory where that is fresh enough, and shared by all who ask. */
export class WorkbenchReader {
  readonly #index: WorkbenchIndex;
  readonly #board: TaskBoard;
  readonly #budget: CallBudget;
  readonly #clock: Clock;
  readonly #pace: Pace;

  constructor({ index, board, budget, clock, pace }: Dependencies) {
    this.#index = index;
    this.#board = board;
    this.#budget = budget;
    this.#clock = clock;
    this.#pace = pace;
  }

  /** A user's workbench if memory alone can answer. Undefined says nothing: ask `get`. */
  peek(userId: string, id: string): WorkbenchView | undefined {
    const indexed = this.#index.get(id);
    if (indexed?.workbench.userId !== userId) return undefined;
    const taskId = lastTask(indexed.workbench)?.taskId;
    const seen = taskId ? this.#board.peek(taskId) : undefined;
    if (taskId && !seen) return undefined;
    const sighting = seen && ownSighting(indexed.workbench, seen);
    if (!isAlive(sighting?.task) && !this.#isFresh(indexed)) return undefined;
    const view = this.#view(indexed, sighting);
    return view.ageMs <= this.#pace.serveStaleForMs ? view : undefined;
  }

  /** @throws NotFoundError, also for another user's; UnavailableError */
  async get(userId: string, id: string): Promise<WorkbenchView> {
    const view = await this.any(id);
    if (view?.workbench.userId !== userId) throw noSuchWorkbench();
    return view;
  }

  /** Whoever's it is. @throws UnavailableError */
  async any(id: string): Promise<WorkbenchView | undefined> {
    if (!this.#index.get(id)) await this.#index.findShared(id);
    const known = this.#index.get(id);
    if (!known) return undefined;
    const sighting = await this.#see(known.workbench);
    if (isAlive(sighting?.task) || this.#isFresh(known)) return this.#inTime(this.#view(known, sighting));
    const current = await this.#refreshed(known);
    if (!current) return undefined;
    return this.#inTime(this.#view(current, await this.#see(current.workbench)));
  }

  /** A user's workbenches, oldest first; those being destroyed are left out. @throws UnavailableError */
  async listOf(userId: string): Promise<readonly WorkbenchView[]> {
    await this.#freshIndex();
    const own = this.#index.listOf(userId).filter(({ destroy }) => !destroy);
    const views = await Promise.all(own.map((workbench) => this.#listed(workbench)));
    return views.flatMap((view) => (view ? this.#inTime(view) : []));
  }

  /** A view of what this process has just done or seen. */
  viewWith(workbench: Workbench, task: Task | undefined): WorkbenchView {
    return viewOf(workbench, task, this.#moment());
  }

  /** Who owns it never changes, so memory will do. @throws NotFoundError, UnavailableError */
  async ownedBy(userId: string, id: string): Promise<Workbench> {
    const workbench = this.#index.get(id)?.workbench ?? (await this.#index.findShared(id));
    if (workbench?.userId !== userId) throw noSuchWorkbench();
    return workbench;
  }

  async #listed(workbench: Workbench): Promise<WorkbenchView | undefined> {
    const sighting = await this.#see(workbench);
    const indexed = this.#index.get(workbench.id);
    if (!indexed) return undefined;
    if (!isAlive(sighting?.task) && !this.#isFresh(indexed)) this.#index.scanSoon();
    return this.#view({ ...indexed, workbench }, sighting);
  }

  async #see(workbench: Workbench): Promise<Sighting | undefined> {
    const taskId = lastTask(workbench)?.taskId;
    return taskId ? ownSighting(workbench, await this.#board.see(taskId)) : undefined;
  }

  /** The record read again, if the budget has a call for it; a scan brings it otherwise. */
  async #refreshed(known: Indexed): Promise<Indexed | undefined> {
    const { id } = known.workbench;
    if (!this.#budget.tryTake()) {
      this.#index.scanSoon();
      return known;
    }
    try {
      await this.#index.findShared(id);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
    return this.#index.get(id);
  }

  async #freshIndex(): Promise<void> {
    const { scannedAt } = this.#index;
    const age = scannedAt === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonic() - scannedAt;
    if (age <= LIST_FRESH_MS) return;
    try {
      await this.#index.scan();
    } catch (error) {
      if (age > this.#pace.serveStaleForMs) throw error;
    }
  }

  #isFresh({ seenAt }: Indexed): boolean {
    return this.#clock.monotonic() - seenAt <= RECORD_FRESH_MS;
  }

  #view({ workbench, seenAt }: Indexed, sighting: Sighting | undefined): WorkbenchView {
    const shownAt = sighting && isAlive(sighting.task) ? sighting.seenAt : seenAt;
    return viewOf(workbench, sighting?.task, this.#moment(), this.#clock.monotonic() - shownAt);
  }

  /** @throws UnavailableError for what is too old to be told */
  #inTime(view: WorkbenchView): WorkbenchView {
    if (view.ageMs > this.#pace.serveStaleForMs)
      throw new UnavailableError('AWS has not shown the workbench for over a minute');
    return view;
  }

  #moment() {
    return { now: this.#clock.now(), visibilityGraceMs: this.#pace.visibilityGraceMs };
  }
}

function ownSighting(workbench: Workbench, sighting: Sighting): Sighting {
  return ownTask(workbench, sighting.task) === sighting.task ? sighting : { ...sighting, task: undefined };
}

function isAlive(task: Task | undefined): boolean {
  return task !== undefined && !hasEnded(task);
}

import type { Logger } from 'pino';
import type { CallBudget } from '../lib/CallBudget.ts';
import type { Clock } from '../lib/clock.ts';
import { UnavailableError } from '../lib/errors.ts';
import { LookQueue } from './LookQueue.ts';
import type { Launch, LaunchRequest, Tasks } from './ports.ts';
import type { Task } from './Task.ts';
import { type Entry, type Sighting, type TaskListener, TaskSightings } from './TaskSightings.ts';

/** DescribeTasks takes no more at a time. */
const BATCH = 100;
/** A sighting is at most this old while the budget allows; a look takes a while, so it begins a little earlier. */
const FRESH_FOR_MS = 1_000;
const LOOK_AFTER_MS = 850;
/** While few are wanted, tasks on their way are looked at more often: somebody waits for them. */
const LOOK_AFTER_WHEN_MOVING_MS = 250;
/** A task that nobody has asked for in this time is not looked at any more. */
const INTEREST_MS = 5_000;
const SHORTEST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;
/** Between two looks into the queue while nothing in it is due. */
const IDLE_PAUSE_MS = 100;
const FORGET_EVERY_MS = 30_000;

type Dependencies = Readonly<{
  tasks: Tasks;
  budget: CallBudget;
  visibilityGraceMs: number;
  clock: Clock;
  logger: Logger;
}>;

/**
 * The tasks as ECS showed them last. However many read, a task is looked at once a second at most, a hundred with one
 * call, within a budget of calls; beyond it sightings grow older, and AWS never throttles. What this process does
 * itself is seen by its next read: the board is the Tasks port as well, and learns from every answer.
 */
export class TaskBoard implements Tasks {
  readonly #tasks: Tasks;
  readonly #budget: CallBudget;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sightings: TaskSightings;
  readonly #queue = new LookQueue();
  readonly #watched = new Map<string, number>();
  readonly #listeners = new Set<TaskListener>();
  #loop: Promise<void> | undefined;
  #pausing: Readonly<{ wake: AbortController; idle: boolean }> | undefined;
  #closed = false;
  #failures = 0;
  #forgotAt = 0;

  constructor({ tasks, budget, visibilityGraceMs, clock, logger }: Dependencies) {
    this.#tasks = tasks;
    this.#budget = budget;
    this.#clock = clock;
    this.#logger = logger;
    this.#sightings = new TaskSightings(visibilityGraceMs, (change) => {
      for (const listener of this.#listeners) listener(change);
    });
  }

  /** What is known, if that will do: fresh, final, or as fresh as the budget allows. The task is wanted from then on. */
  peek(taskId: string): Sighting | undefined {
    const entry = this.#want(taskId);
    const { sighting, changedAt } = entry;
    const now = this.#clock.monotonic();
    // What is final stays so, whatever this process did to the task since: nobody will look again.
    if (this.#sightings.isFinal(entry)) return sighting;
    if (!sighting || sighting.seenAt < changedAt) return undefined;
    const enough = now - sighting.seenAt <= FRESH_FOR_MS || this.#isBehind();
    return enough ? sighting : undefined;
  }

  /**
   * As peek, waiting for ECS where need be. While ECS fails: the last sighting, however old.
   * @throws UnavailableError, UpstreamError if there never was one
   */
  async see(taskId: string): Promise<Sighting> {
    const known = this.peek(taskId);
    if (known) return known;
    const entry = this.#sightings.entry(taskId);
    if (entry.sighting && this.#failures > 0) return entry.sighting;
    await new Promise<void>((resolve, reject) => {
      entry.waiting.push((error) => (error && !entry.sighting ? reject(error) : resolve()));
      this.#queue.add(taskId, 'now');
      this.#look();
    });
    if (!entry.sighting) throw new UnavailableError('AWS does not show the task now; try again in a moment');
    return entry.sighting;
  }

  /** Calls back whenever a task has changed. @returns ends that */
  onChange(listener: TaskListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps looking at a task, asked for or not. @returns ends that */
  watch(taskId: string): () => void {
    this.#watched.set(taskId, (this.#watched.get(taskId) ?? 0) + 1);
    this.#want(taskId);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const left = (this.#watched.get(taskId) ?? 1) - 1;
      if (left > 0) this.#watched.set(taskId, left);
      else this.#watched.delete(taskId);
    };
  }

  async launch(request: LaunchRequest): Promise<Launch> {
    const launch = await this.#tasks.launch(request);
    if (launch.kind === 'launched' && launch.task) {
      this.#sightings.announce(launch.taskId, launch.task, this.#clock.monotonic());
    }
    return launch;
  }

  async describe(taskIds: readonly string[]): Promise<ReadonlyMap<string, Task>> {
    if (taskIds.length === 0) return new Map();
    for (let asked = 0; asked < taskIds.length; asked += BATCH) this.#budget.spend();
    return await this.#describe(taskIds);
  }

  async running(workbenchId: string): Promise<readonly Task[]> {
    this.#budget.spend();
    return this.#learn(await this.#tasks.running(workbenchId));
  }

  async living(workbenchId: string): Promise<readonly Task[]> {
    this.#budget.spend();
    this.#budget.spend();
    return this.#learn(await this.#tasks.living(workbenchId));
  }

  async stop(taskId: string, reason: string): Promise<boolean> {
    try {
      return await this.#tasks.stop(taskId, reason);
    } finally {
      const entry = this.#sightings.known(taskId);
      if (entry) entry.changedAt = this.#clock.monotonic();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closing = new UnavailableError('The controller is stopping; ask again');
    for (const entry of this.#sightings.all()) for (const tell of entry.waiting.splice(0)) tell(closing);
    this.#pausing?.wake.abort();
    await this.#loop;
  }

  #learn(tasks: readonly Task[]): readonly Task[] {
    const now = this.#clock.monotonic();
    for (const task of tasks) this.#sightings.put(task.id, task, now, now);
    return tasks;
  }

  /** More tasks are wanted than the budget can look at in time. */
  #isBehind(): boolean {
    return this.#queue.size > this.#budget.perSecond * BATCH * 0.8;
  }

  #want(taskId: string): Entry {
    const entry = this.#sightings.entry(taskId);
    const now = this.#clock.monotonic();
    entry.wantedAt = now;
    if (!this.#queue.has(taskId) && !this.#sightings.isFinal(entry)) {
      this.#queue.add(taskId, entry.sighting ? 'moving' : 'now');
      this.#look();
    }
    return entry;
  }

  #look(): void {
    if (this.#pausing?.idle) this.#pausing.wake.abort();
    if (this.#loop || this.#closed) return;
    this.#loop = this.#run().finally(() => {
      this.#loop = undefined;
      if (this.#queue.size > 0) this.#look();
    });
  }

  /** Looks for as long as anything is wanted; one call at a time. */
  async #run(): Promise<void> {
    while (!this.#closed && this.#queue.size > 0) {
      const wait = this.#budget.wait();
      const batch = wait > 0 ? [] : this.#queue.take(BATCH, (taskId) => this.#due(taskId));
      if (batch.length > 0) await this.#lookAt(batch);
      else await this.#pause(wait || IDLE_PAUSE_MS, wait === 0);
    }
  }

  #due(taskId: string): 'now' | 'later' | 'drop' {
    const entry = this.#sightings.entry(taskId);
    const now = this.#clock.monotonic();
    const wanted = now - entry.wantedAt <= INTEREST_MS || this.#watched.has(taskId) || entry.waiting.length > 0;
    if (this.#sightings.isFinal(entry)) {
      // Somebody else's look has settled it meanwhile.
      for (const tell of entry.waiting.splice(0)) tell();
      return 'drop';
    }
    if (!wanted) return 'drop';
    const { sighting, changedAt } = entry;
    const old = !sighting || sighting.seenAt < changedAt || now - sighting.seenAt >= this.#lookAfter(sighting);
    return old ? 'now' : 'later';
  }

  #lookAfter({ task }: Sighting): number {
    const moving = task?.status !== 'running' || task.toStop;
    const few = this.#queue.size <= (this.#budget.perSecond * BATCH) / 4;
    return moving && few ? LOOK_AFTER_WHEN_MOVING_MS : LOOK_AFTER_MS;
  }

  async #lookAt(batch: readonly string[]): Promise<void> {
    let failure: unknown;
    this.#budget.tryTake();
    try {
      await this.#describe(batch);
      this.#failures = 0;
    } catch (error) {
      failure = error;
      this.#failures += 1;
      this.#logger.warn({ err: error, tasks: batch.length }, 'cannot look at tasks now');
    }
    for (const taskId of batch) this.#settle(this.#sightings.entry(taskId), failure);
    this.#forget();
    if (this.#failures > 0) {
      await this.#pause(Math.min(SHORTEST_BACKOFF_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS), false);
    }
  }

  /** Tells those who wait, and queues the task for its next look. */
  #settle(entry: Entry, failure: unknown): void {
    for (const tell of entry.waiting.splice(0)) tell(failure);
    if (this.#sightings.isFinal(entry)) return;
    const task = entry.sighting?.task;
    this.#queue.add(entry.taskId, task?.status === 'running' && !task.toStop ? 'steady' : 'moving');
  }

  async #describe(taskIds: readonly string[]): Promise<ReadonlyMap<string, Task>> {
    const askedAt = this.#clock.monotonic();
    const shown = await this.#tasks.describe(taskIds);
    const now = this.#clock.monotonic();
    for (const taskId of taskIds) this.#sightings.put(taskId, shown.get(taskId), askedAt, now);
    return shown;
  }

  #forget(): void {
    const now = this.#clock.monotonic();
    if (now - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = now;
    this.#sightings.forgetUnwanted(now);
  }

  /** Sleeps; a new wish cuts an idle pause short, but neither a lack of budget nor a backoff. */
  async #pause(milliseconds: number, idle: boolean): Promise<void> {
    const wake = new AbortController();
    this.#pausing = { wake, idle };
    await this.#clock.sleep(milliseconds, wake.signal).catch(() => undefined);
    this.#pausing = undefined;
  }
}

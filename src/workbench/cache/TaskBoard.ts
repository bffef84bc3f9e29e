import type { Logger } from 'pino';
import type { CallBudget } from '../../lib/CallBudget.ts';
import type { Clock } from '../../lib/clock.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { LookQueue } from './LookQueue.ts';
import type { ObservedTasks } from './ObservedTasks.ts';
import type { Entry, Sighting, TaskSightings } from './TaskSightings.ts';

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
/** However much operations spend, readers wait no longer than this for their turn. */
const LOOK_AT_LEAST_EVERY_MS = 500;
/** Between two looks into the queue while nothing in it is due. */
const IDLE_PAUSE_MS = 100;
const FORGET_EVERY_MS = 30_000;

type Dependencies = Readonly<{
  tasks: ObservedTasks;
  sightings: TaskSightings;
  budget: CallBudget;
  clock: Clock;
  logger: Logger;
}>;

/**
 * The tasks as ECS showed them last. However many read, a task is looked at once a second at most, a hundred with one
 * call, within a budget of calls; beyond it sightings grow older, and AWS never throttles.
 */
export class TaskBoard {
  readonly #tasks: ObservedTasks;
  readonly #budget: CallBudget;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sightings: TaskSightings;
  readonly #queue = new LookQueue();
  #loop: Promise<void> | undefined;
  #pausing: Readonly<{ wake: AbortController; idle: boolean }> | undefined;
  #closed = false;
  #failures = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #forgotAt = 0;

  constructor({ tasks, sightings, budget, clock, logger }: Dependencies) {
    this.#tasks = tasks;
    this.#sightings = sightings;
    this.#budget = budget;
    this.#clock = clock;
    this.#logger = logger;
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

  async close(): Promise<void> {
    this.#closed = true;
    const closing = new UnavailableError('The controller is stopping; ask again');
    for (const entry of this.#sightings.all()) for (const tell of entry.waiting.splice(0)) tell(closing);
    this.#pausing?.wake.abort();
    await this.#loop;
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
      const due = this.#lookedAt + LOOK_AT_LEAST_EVERY_MS - this.#clock.monotonic();
      const wait = Math.min(this.#budget.wait(), Math.max(due, 0));
      const batch = wait > 0 ? [] : this.#queue.take(BATCH, (taskId) => this.#due(taskId));
      if (batch.length > 0) await this.#lookAt(batch);
      else await this.#pause(wait || IDLE_PAUSE_MS, wait === 0);
    }
  }

  #due(taskId: string): 'now' | 'later' | 'drop' {
    const entry = this.#sightings.entry(taskId);
    const now = this.#clock.monotonic();
    const wanted = now - entry.wantedAt <= INTEREST_MS || entry.waiting.length > 0;
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
    this.#lookedAt = this.#clock.monotonic();
    try {
      await this.#tasks.describe(batch);
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

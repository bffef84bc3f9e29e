import type { Context } from '../../lib/Context.ts';
import { Listeners } from '../../lib/Listeners.ts';
import { hasEnded, type Task } from '../model/Task.ts';

/** What ECS showed last of a task. `task` undefined: ECS was asked, and didn't show it. Times are monotonic. */
export type TaskObservation = Readonly<{ task: Task | undefined; observedAt: number }>;

/** A change of a task; its workbench is known once ECS has shown it. */
export type TaskChange = Readonly<{ taskId: string; task: Task | undefined; workbenchId: string | undefined }>;

type Entry = {
  observation: TaskObservation | undefined;
  /** RunTask showed it at this time, DescribeTasks hasn't yet. */
  launchedAt: number | undefined;
  missingSince: number | undefined;
  /** This process has changed something at this time: nothing asked before then will do. */
  invalidAt: number;
  /** ECS has taken this process's StopTask. */
  stopAsked: boolean;
  wantedAt: number;
};

export type StoredTask = Readonly<Entry>;

/** The tasks that somebody asks about, as ECS showed them last. Operations and the poller put in what ECS answers. */
export class TaskStore {
  readonly changes = new Listeners<TaskChange>();
  readonly #entries = new Map<string, Entry>();
  readonly #context: Pick<Context, 'clock' | 'timings'>;
  #kept: ReadonlySet<string> = new Set();
  #forgottenAt = 0;

  constructor(context: Pick<Context, 'clock' | 'timings'>) {
    this.#context = context;
  }

  get(taskId: string): StoredTask | undefined {
    return this.#entries.get(taskId);
  }

  /** Somebody asks about the task: it is kept from now on, and for a while after the last such call. */
  want(taskId: string): StoredTask {
    return this.#wanted(taskId);
  }

  /** This process has changed something: nothing that ECS was asked before will do. */
  invalidate(taskId: string): void {
    const entry = this.#entries.get(taskId);
    if (entry) entry.invalidAt = this.#context.clock.monotonic();
  }

  /** ECS has agreed to stop a task; DescribeTasks may show it as meant to run for a while. */
  stopAgreed(taskId: string): void {
    this.#wanted(taskId).stopAsked = true;
  }

  /** A task as ECS shows it, and as it is meant after what ECS has agreed to. */
  asAgreed(task: Task): Task {
    return this.#entries.get(task.id)?.stopAsked && !hasEnded(task) ? { ...task, toStop: true } : task;
  }

  /** What RunTask answered; DescribeTasks may not show it for a while. */
  launched(task: Task): void {
    const entry = this.#wanted(task.id);
    this.#put(task.id, task, entry.wantedAt);
    entry.launchedAt = entry.wantedAt;
  }

  /**
   * One answer of ECS: what it doesn't show is missing.
   * @param askedAt when ECS was asked: an older answer doesn't replace a newer one
   */
  observe(taskIds: readonly string[], shown: ReadonlyMap<string, Task>, askedAt: number): void {
    for (const taskId of taskIds) this.#put(taskId, shown.get(taskId), askedAt);
  }

  /**
   * Nothing will change any more: it has ended, or ECS has forgotten it. That takes a look after the grace: a task that
   * was missing once, and that nobody has looked for since, may well be there.
   */
  isFinal({ observation, missingSince }: StoredTask): boolean {
    if (observation?.task) return hasEnded(observation.task);
    if (!observation || missingSince === undefined) return false;
    return observation.observedAt - missingSince > this.#context.timings.visibilityGraceMs;
  }

  /** What ECS shows of these is kept, wanted or not; of others no longer. */
  keep(taskIds: ReadonlySet<string>): void {
    this.#kept = taskIds;
  }

  /** Asked for often, done now and then. */
  forgetUnwanted(): void {
    const now = this.#context.clock.monotonic();
    const { forgetTaskAfterMs } = this.#context.timings;
    if (now - this.#forgottenAt < forgetTaskAfterMs / 4) return;
    this.#forgottenAt = now;
    for (const [taskId, { wantedAt }] of this.#entries) {
      if (now - wantedAt > forgetTaskAfterMs && !this.#kept.has(taskId)) this.#entries.delete(taskId);
    }
  }

  #wanted(taskId: string): Entry {
    const wantedAt = this.#context.clock.monotonic();
    let entry = this.#entries.get(taskId);
    if (entry) entry.wantedAt = wantedAt;
    else entry = this.#add(taskId, wantedAt);
    return entry;
  }

  #add(taskId: string, wantedAt: number): Entry {
    const unknown = { observation: undefined, launchedAt: undefined, missingSince: undefined };
    const entry = { ...unknown, invalidAt: 0, stopAsked: false, wantedAt };
    this.#entries.set(taskId, entry);
    return entry;
  }

  #put(taskId: string, task: Task | undefined, askedAt: number): void {
    const kept = () => (this.#kept.has(taskId) ? this.#add(taskId, Number.NEGATIVE_INFINITY) : undefined);
    const entry = this.#entries.get(taskId) ?? kept();
    if (!entry || this.isFinal(entry) || (entry.observation && askedAt < entry.observation.observedAt)) return;
    const now = this.#context.clock.monotonic();
    const before = entry.observation;
    const { visibilityGraceMs } = this.#context.timings;
    const young = entry.launchedAt !== undefined && now - entry.launchedAt < visibilityGraceMs;
    const shown = task ? this.asAgreed(task) : young ? before?.task : undefined;
    if (task) entry.launchedAt = undefined;
    entry.missingSince = task ? undefined : (entry.missingSince ?? now);
    entry.observation = { task: shown, observedAt: askedAt };
    if (before && sameTask(before.task, shown)) return;
    this.changes.tell({ taskId, task: shown, workbenchId: (shown ?? before?.task)?.workbenchId });
  }
}

function sameTask(one: Task | undefined, other: Task | undefined): boolean {
  return (
    one?.status === other?.status &&
    one?.toStop === other?.toStop &&
    one?.address?.port === other?.address?.port &&
    one?.imageDigest === other?.imageDigest &&
    one?.times.connectivityAt === other?.times.connectivityAt &&
    one?.times.pullStartedAt === other?.times.pullStartedAt &&
    one?.times.pullStoppedAt === other?.times.pullStoppedAt
  );
}

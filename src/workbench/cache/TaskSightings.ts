import { hasEnded, type Task } from '../model/Task.ts';

/** What ECS showed last of a task. `task` undefined: ECS was asked, and didn't show it. `seenAt` is monotonic. */
export type Sighting = Readonly<{ task: Task | undefined; seenAt: number }>;

/** A task that somebody asks about, and what is known of it. */
export type Entry = {
  readonly taskId: string;
  sighting: Sighting | undefined;
  /** RunTask showed it at this time, DescribeTasks hasn't yet. */
  announcedAt: number | undefined;
  missingSince: number | undefined;
  /** This process has changed something at this time: nothing asked before then will do. */
  changedAt: number;
  /** ECS has taken this process's StopTask. */
  stopAsked: boolean;
  wantedAt: number;
  /** Readers that wait for the next look. */
  waiting: ((error?: unknown) => void)[];
};

/** A change of a task; its workbench is known once ECS has shown it. */
export type TaskChange = Readonly<{ taskId: string; task: Task | undefined; workbenchId: string | undefined }>;

export type TaskListener = (change: TaskChange) => void;

/** Longer than anybody polls apart; then a task is forgotten. */
const FORGET_AFTER_MS = 120_000;

/** What ECS has shown, task by task. */
export class TaskSightings {
  readonly #entries = new Map<string, Entry>();
  readonly #visibilityGraceMs: number;
  readonly #listeners = new Set<TaskListener>();

  constructor(visibilityGraceMs: number) {
    this.#visibilityGraceMs = visibilityGraceMs;
  }

  /** Calls back whenever a task has changed. @returns ends that */
  onChange(listener: TaskListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get size(): number {
    return this.#entries.size;
  }

  entry(taskId: string): Entry {
    let entry = this.#entries.get(taskId);
    if (!entry) {
      entry = {
        taskId,
        sighting: undefined,
        announcedAt: undefined,
        missingSince: undefined,
        changedAt: 0,
        stopAsked: false,
        wantedAt: 0,
        waiting: [],
      };
      this.#entries.set(taskId, entry);
    }
    return entry;
  }

  all(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** This process has changed something: nothing that ECS was asked before will do. */
  outdate(taskId: string, now: number): void {
    const entry = this.#entries.get(taskId);
    if (entry) entry.changedAt = now;
  }

  /** ECS has agreed to stop a task; DescribeTasks may show it as meant to run for a while. */
  markStopping(taskId: string, now: number): void {
    const entry = this.entry(taskId);
    entry.stopAsked = true;
    entry.wantedAt = now;
  }

  /** A task as ECS shows it, and as it is meant after what ECS has agreed to. */
  asAgreed(task: Task): Task {
    return this.#entries.get(task.id)?.stopAsked && !hasEnded(task) ? { ...task, toStop: true } : task;
  }

  /** What RunTask answered; DescribeTasks may not show it for a while. */
  announce(taskId: string, task: Task, now: number): void {
    this.entry(taskId).announcedAt = now;
    this.put(taskId, task, now, now);
  }

  /** One answer of DescribeTasks: what it doesn't show is missing. */
  putAll(taskIds: readonly string[], shown: ReadonlyMap<string, Task>, askedAt: number, now: number): void {
    for (const taskId of taskIds) this.put(taskId, shown.get(taskId), askedAt, now);
  }

  /** @param askedAt when ECS was asked: an older answer doesn't replace a newer one */
  put(taskId: string, task: Task | undefined, askedAt: number, now: number): void {
    const entry = this.#entries.get(taskId);
    if (!entry || this.isFinal(entry) || (entry.sighting && askedAt < entry.sighting.seenAt)) return;
    const before = entry.sighting?.task;
    const announced = entry.announcedAt !== undefined && now - entry.announcedAt < this.#visibilityGraceMs;
    const shown = task ? this.asAgreed(task) : announced ? before : undefined;
    if (task && entry.announcedAt !== askedAt) entry.announcedAt = undefined;
    entry.missingSince = task ? undefined : (entry.missingSince ?? now);
    const first = entry.sighting === undefined;
    entry.sighting = { task: shown, seenAt: askedAt };
    if (first || !sameTask(before, shown))
      this.#tell({ taskId, task: shown, workbenchId: (shown ?? before)?.workbenchId });
  }

  /**
   * Nothing will change any more: it has ended, or ECS has forgotten it. That takes a look after the grace: a task that
   * was missing once, and that nobody has looked for since, may well be there.
   */
  isFinal({ sighting, missingSince }: Entry): boolean {
    if (sighting?.task) return hasEnded(sighting.task);
    if (!sighting || missingSince === undefined) return false;
    return sighting.seenAt - missingSince > this.#visibilityGraceMs;
  }

  #tell(change: TaskChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  forgetUnwanted(now: number): void {
    for (const [taskId, entry] of this.#entries) {
      if (now - entry.wantedAt > FORGET_AFTER_MS && entry.waiting.length === 0) this.#entries.delete(taskId);
    }
  }
}

function sameTask(one: Task | undefined, other: Task | undefined): boolean {
  return one?.status === other?.status && one?.toStop === other?.toStop && one?.address?.port === other?.address?.port;
}

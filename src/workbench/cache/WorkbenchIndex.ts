import type { Clock } from '../../lib/clock.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { Draft, WorkbenchChanges, Workbenches } from '../ports.ts';

/** A workbench as it was written down when last read. `seenAt` is monotonic. */
export type Indexed = Readonly<{ workbench: Workbench; seenAt: number }>;

type Entry = { workbench: Workbench; seenAt: number; writtenAt: number };

/** Nobody can ask AWS about the same unknown id more often than this. */
const UNKNOWN_FOR_MS = 1_000;
const MOST_UNKNOWN = 10_000;
/** Scans on demand: no closer than this, and taking no more than a quarter of the time. */
const SCAN_AGAIN_AFTER_MS = 3_000;
const SCAN_REST = 4;

/**
 * All workbenches of the stack in memory: a copy, never the truth. It is the Workbenches port as well, so that it
 * learns from whatever this process reads and writes; `find` always asks AWS, `get` and `listOf` never do.
 */
export class WorkbenchIndex implements Workbenches {
  readonly #workbenches: Workbenches;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #byUser = new Map<string, Map<string, Workbench>>();
  readonly #listeners = new Set<(id: string) => void>();
  readonly #finding = new Map<string, Promise<Workbench | undefined>>();
  /** Ids that AWS didn't know, or that this process removed, and when. */
  readonly #unknown = new Map<string, number>();
  #scanning: Promise<void> | undefined;
  #scannedAt: number | undefined;
  #nextScanAt = 0;

  constructor(workbenches: Workbenches, clock: Clock) {
    this.#workbenches = workbenches;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Monotonic time at which the last complete scan began; undefined before the first has ended. */
  get scannedAt(): number | undefined {
    return this.#scannedAt;
  }

  get(id: string): Indexed | undefined {
    return this.#entries.get(id);
  }

  /** A user's workbenches, oldest first, the ones being destroyed included. */
  listOf(userId: string): readonly Workbench[] {
    return [...(this.#byUser.get(userId)?.values() ?? [])].sort(byAge);
  }

  all(): IterableIterator<Indexed> {
    return this.#entries.values();
  }

  /** Reads every workbench anew; callers at the same time share one scan. */
  async scan(): Promise<void> {
    this.#scanning ??= this.#scan().finally(() => {
      this.#scanning = undefined;
    });
    await this.#scanning;
  }

  /** Scans in the background, unless that was just done or would be all that goes on. */
  scanSoon(): void {
    const now = this.#clock.monotonic();
    if (this.#scanning || now < this.#nextScanAt) return;
    this.scan().catch(() => {
      this.#nextScanAt = this.#clock.monotonic() + SCAN_AGAIN_AFTER_MS;
    });
  }

  /** Calls back whenever a workbench has changed, come or gone. @returns ends that */
  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async create(draft: Draft, token: string): Promise<Workbench> {
    const workbench = await this.#workbenches.create(draft, token);
    this.#put(workbench, this.#clock.monotonic());
    return workbench;
  }

  async find(id: string): Promise<Workbench | undefined> {
    const askedAt = this.#clock.monotonic();
    const workbench = await this.#workbenches.find(id);
    if (workbench) return this.#put(workbench, askedAt);
    this.#drop(id, askedAt);
    return undefined;
  }

  /** As find, shared by all who ask for the same id at the same time; an unknown id stays unknown for a second. */
  async findShared(id: string): Promise<Workbench | undefined> {
    const unknownSince = this.#unknown.get(id);
    if (unknownSince !== undefined && this.#clock.monotonic() - unknownSince < UNKNOWN_FOR_MS) return undefined;
    let finding = this.#finding.get(id);
    if (!finding) {
      finding = this.find(id).finally(() => this.#finding.delete(id));
      this.#finding.set(id, finding);
    }
    return await finding;
  }

  async *pages(): AsyncGenerator<readonly Workbench[]> {
    const startedAt = this.#clock.monotonic();
    let askedAt = startedAt;
    for await (const page of this.#workbenches.pages()) {
      for (const workbench of page) this.#put(workbench, askedAt);
      yield page;
      askedAt = this.#clock.monotonic();
    }
    for (const [id, { seenAt }] of this.#entries) if (seenAt < startedAt) this.#drop(id, startedAt);
    this.#scannedAt = startedAt;
  }

  async write(id: string, changes: WorkbenchChanges): Promise<boolean> {
    const written = await this.#workbenches.write(id, changes);
    const now = this.#clock.monotonic();
    const entry = this.#entries.get(id);
    if (!written) this.#drop(id, now);
    else if (entry) {
      entry.writtenAt = now;
      this.#replace(entry, { ...entry.workbench, ...changes }, now);
    }
    return written;
  }

  async remove(id: string): Promise<void> {
    await this.#workbenches.remove(id);
    this.#drop(id, this.#clock.monotonic());
  }

  async #scan(): Promise<void> {
    const startedAt = this.#clock.monotonic();
    for await (const _page of this.pages());
    const took = this.#clock.monotonic() - startedAt;
    this.#nextScanAt = startedAt + Math.max(SCAN_AGAIN_AFTER_MS, took * SCAN_REST);
  }

  /** @param askedAt when AWS was asked: what this process wrote since then is newer */
  #put(workbench: Workbench, askedAt: number): Workbench {
    const entry = this.#entries.get(workbench.id);
    if (!entry) {
      if ((this.#unknown.get(workbench.id) ?? 0) > askedAt) return workbench;
      this.#unknown.delete(workbench.id);
      const added = { workbench, seenAt: askedAt, writtenAt: askedAt };
      this.#entries.set(workbench.id, added);
      this.#replace(added, workbench, askedAt);
      this.#tell(workbench.id);
    } else if (askedAt >= entry.writtenAt) {
      this.#replace(entry, workbench, Math.max(askedAt, entry.seenAt));
    }
    return workbench;
  }

  /** Keeps the object where nothing has changed, so that what was derived from it stays valid. */
  #replace(entry: Entry, workbench: Workbench, seenAt: number): void {
    entry.seenAt = seenAt;
    const changed = stateOf(entry.workbench) !== stateOf(workbench);
    if (changed) {
      if (entry.workbench.userId !== workbench.userId) this.#disown(entry.workbench);
      entry.workbench = workbench;
    }
    let own = this.#byUser.get(workbench.userId);
    if (!own) {
      own = new Map();
      this.#byUser.set(workbench.userId, own);
    }
    if (own.get(workbench.id) !== entry.workbench) own.set(workbench.id, entry.workbench);
    if (changed) this.#tell(workbench.id);
  }

  #drop(id: string, askedAt: number): void {
    const entry = this.#entries.get(id);
    if (entry && entry.writtenAt > askedAt) return;
    if (this.#unknown.size >= MOST_UNKNOWN) this.#unknown.clear();
    this.#unknown.set(id, this.#clock.monotonic());
    if (!entry) return;
    this.#entries.delete(id);
    this.#disown(entry.workbench);
    this.#tell(id);
  }

  #disown({ id, userId }: Workbench): void {
    const own = this.#byUser.get(userId);
    own?.delete(id);
    if (own?.size === 0) this.#byUser.delete(userId);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}

/** All of a record that can change; its owner where somebody edits the tags. */
function stateOf({ userId, storageReady, run, outcome, stopped, destroy }: Workbench): string {
  return JSON.stringify([userId, storageReady, run, outcome, stopped, destroy]);
}

function byAge(one: Workbench, other: Workbench): number {
  return one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1);
}

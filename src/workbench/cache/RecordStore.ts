import type { Context } from '../../lib/Context.ts';
import { Listeners } from '../../lib/Listeners.ts';
import { RecentIds } from '../../lib/RecentIds.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { WorkbenchChanges } from '../ports.ts';

/**
 * A workbench as it was written down when last read. `observedAt` is monotonic; `seenAt`, since when it has been known as
 * it is, in milliseconds since the epoch.
 */
export type StoredRecord = Readonly<{ workbench: Workbench; observedAt: number; seenAt: number }>;

type Entry = { workbench: Workbench; observedAt: number; writtenAt: number; seenAt: number };

const MOST_UNKNOWN = 10_000;

/** All workbenches of the stack in memory: a copy, never the truth, of whatever this process reads and writes. */
export class RecordStore {
  /** Workbenches that have changed, come or gone. */
  readonly changes = new Listeners<string>();
  readonly #entries = new Map<string, Entry>();
  readonly #byUser = new Map<string, Map<string, Workbench>>();
  /** Ids that AWS didn't know, or that this process removed, and when. */
  readonly #unknown: RecentIds;
  readonly #context: Pick<Context, 'clock' | 'timings'>;

  constructor(context: Pick<Context, 'clock' | 'timings'>) {
    this.#context = context;
    this.#unknown = new RecentIds(context.timings.goneForMs, MOST_UNKNOWN);
  }

  get(id: string): StoredRecord | undefined {
    return this.#entries.get(id);
  }

  /** A user's workbenches, oldest first, the ones being destroyed included. */
  listOf(userId: string): readonly Workbench[] {
    return [...(this.#byUser.get(userId)?.values() ?? [])].sort(byAge);
  }

  all(): IterableIterator<StoredRecord> {
    return this.#entries.values();
  }

  /** AWS didn't know it a moment ago. */
  isUnknown(id: string): boolean {
    const { clock, timings } = this.#context;
    return clock.monotonic() - (this.#unknown.since(id) ?? Number.NEGATIVE_INFINITY) < timings.unknownForMs;
  }

  /** @param askedAt when AWS was asked: what this process wrote since then is newer */
  observe(workbench: Workbench, askedAt: number): void {
    const entry = this.#entries.get(workbench.id);
    if (entry) {
      if (askedAt >= entry.writtenAt) this.#replace(entry, workbench, Math.max(askedAt, entry.observedAt));
      return;
    }
    if ((this.#unknown.since(workbench.id) ?? 0) > askedAt) return;
    this.#unknown.delete(workbench.id);
    const added = { workbench, observedAt: askedAt, writtenAt: askedAt, seenAt: this.#context.clock.now() };
    this.#entries.set(workbench.id, added);
    this.#replace(added, workbench, askedAt);
    this.changes.tell(workbench.id);
  }

  /** AWS doesn't know it. */
  observeMissing(id: string, askedAt: number): void {
    const entry = this.#entries.get(id);
    if (entry && entry.writtenAt > askedAt) return;
    this.#unknown.add(id, this.#context.clock.monotonic());
    if (!entry) return;
    this.#entries.delete(id);
    this.#disown(entry.workbench);
    this.changes.tell(id);
  }

  /** All there is has been observed since then: the rest is gone. */
  observedAll(since: number): void {
    for (const [id, { observedAt }] of this.#entries) if (observedAt < since) this.observeMissing(id, since);
  }

  /** What this process wrote down, which AWS may not show for a while. */
  written(id: string, changes: WorkbenchChanges): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.writtenAt = this.#context.clock.monotonic();
    this.#replace(entry, { ...entry.workbench, ...changes }, entry.writtenAt);
  }

  /** Keeps the object where nothing has changed, so that what was derived from it stays valid. */
  #replace(entry: Entry, workbench: Workbench, observedAt: number): void {
    entry.observedAt = observedAt;
    const changed = stateOf(entry.workbench) !== stateOf(workbench);
    if (changed) {
      if (entry.workbench.userId !== workbench.userId) this.#disown(entry.workbench);
      entry.workbench = workbench;
      entry.seenAt = this.#context.clock.now();
    }
    let own = this.#byUser.get(workbench.userId);
    if (!own) {
      own = new Map();
      this.#byUser.set(workbench.userId, own);
    }
    if (own.get(workbench.id) !== entry.workbench) own.set(workbench.id, entry.workbench);
    if (changed) this.changes.tell(workbench.id);
  }

  #disown({ id, userId }: Workbench): void {
    const own = this.#byUser.get(userId);
    own?.delete(id);
    if (own?.size === 0) this.#byUser.delete(userId);
  }
}

/** All of a record that can change; its owner where somebody edits the tags. */
function stateOf({ userId, name, profile, size, storageReady, run, ...more }: Workbench): string {
  const { outcome, stopped, destroy, notBefore } = more;
  const { cpu, memory } = size;
  return JSON.stringify([userId, name, profile, cpu, memory, storageReady, run, outcome, stopped, destroy, notBefore]);
}

function byAge(one: Workbench, other: Workbench): number {
  return one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1);
}

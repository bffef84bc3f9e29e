import type { Context } from '../../lib/Context.ts';
import { Listeners } from '../../lib/Listeners.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { Records, Workbenches } from '../ports.ts';
import type { RecordStore } from './RecordStore.ts';

/** Resyncs on demand take no more than this part of the time. */
const RESYNC_SHARE = 1 / 4;

/** A resync that has ended: the store has all that there was when it began, unless it failed. */
export type Resync = Readonly<{ startedAt: number; failure?: unknown }>;

export type RecordReflector = ReturnType<typeof createRecordReflector>;

/** Brings records into the store, one or all of them. Callers at the same time share what AWS answers. */
export function createRecordReflector(
  records: Pick<Records, 'pages'>,
  workbenches: Pick<Workbenches, 'find'>,
  store: RecordStore,
  { clock, timings }: Context,
) {
  const resyncs = new Listeners<Resync>();
  const finding = new Map<string, Promise<Workbench | undefined>>();
  let resyncing: Promise<void> | undefined;
  let syncedAt = Number.NEGATIVE_INFINITY;
  let nextResyncAt = 0;
  let took = 0;

  /** As Workbenches.find; an unknown id stays unknown for a second. */
  async function find(id: string): Promise<Workbench | undefined> {
    if (store.isUnknown(id)) return undefined;
    let found = finding.get(id);
    if (!found) {
      found = workbenches.find(id).finally(() => finding.delete(id));
      finding.set(id, found);
    }
    return await found;
  }

  /** Reads every workbench anew. */
  async function resync(): Promise<void> {
    resyncing ??= readAll().finally(() => {
      resyncing = undefined;
    });
    await resyncing;
  }

  /** The same in the background, unless that was just done or would be all that goes on. */
  function resyncSoon(): void {
    if (resyncing || clock.monotonic() < nextResyncAt) return;
    resync().catch(() => {
      nextResyncAt = clock.monotonic() + timings.resyncAgainAfterMs;
    });
  }

  /** Reads every workbench anew unless that was just done, so that decisions are taken by what is there. */
  async function resyncIfDue(): Promise<void> {
    if (ageMs() > Math.max(timings.countFreshMs, took / RESYNC_SHARE)) await resync();
  }

  /** Reads every workbench anew, once a second at most. */
  async function resyncInTurn(): Promise<void> {
    const pause = timings.unknownForMs - ageMs();
    if (pause > 0) await clock.sleep(pause);
    await resync();
  }

  async function readAll(): Promise<void> {
    const startedAt = clock.monotonic();
    try {
      await readSince(startedAt);
      resyncs.tell({ startedAt });
    } catch (failure) {
      resyncs.tell({ startedAt, failure });
      throw failure;
    }
  }

  async function readSince(startedAt: number): Promise<void> {
    let askedAt = startedAt;
    for await (const page of records.pages(syncedAt === Number.NEGATIVE_INFINITY ? 'soon' : 'gently')) {
      for (const workbench of page) store.observe(workbench, askedAt);
      askedAt = clock.monotonic();
    }
    store.observedAll(startedAt);
    syncedAt = startedAt;
    took = clock.monotonic() - startedAt;
    nextResyncAt = startedAt + Math.max(timings.resyncAgainAfterMs, took / RESYNC_SHARE);
  }

  /** Since the last complete resync began: infinite before the first has ended. */
  const ageMs = () => clock.monotonic() - syncedAt;

  /** A look-up that is under way. */
  const finds = (id: string) => finding.get(id);

  return { find, finds, resync, resyncIfDue, resyncInTurn, resyncSoon, resyncs, ageMs };
}

import pLimit from 'p-limit';
import type { Context } from '../../lib/Context.ts';
import { createLoop, type Loop } from '../../lib/createLoop.ts';
import { within } from '../../lib/within.ts';
import type { RecordReflector } from '../cache/createRecordReflector.ts';
import type { RecordStore } from '../cache/RecordStore.ts';
import { takesLong } from '../model/errors.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { Workbenches } from '../ports.ts';

/** @param at milliseconds since the epoch: who signed in until then @throws UnavailableError: it goes on by itself */
export type SignOut = (userId: string, at: number) => Promise<void>;

/** AWS has others to serve too. */
const WRITES_AT_ONCE = 4;

type Ended = Readonly<{ at: number; notedAt: number }>;

/**
 * Ends what a user has signed in to at every controller: it is written on each record of theirs, and carried through
 * where AWS doesn't take it at once, or shows a record late.
 */
export function createSignOuts(
  store: RecordStore,
  reflector: Pick<RecordReflector, 'ageMs' | 'resync'>,
  workbenches: Pick<Workbenches, 'write'>,
  context: Context,
): Loop & Readonly<{ signOut: SignOut }> {
  const { clock, timings, logger } = context;
  const ended = new Map<string, Ended>();
  const writes = pLimit(WRITES_AT_ONCE);

  function isDue({ userId, notBefore = 0, destroy }: Workbench): boolean {
    const end = ended.get(userId);
    return end !== undefined && notBefore < end.at && !destroy;
  }

  async function writeDown(userId: string): Promise<void> {
    if (reflector.ageMs() > timings.listFreshMs) await reflector.resync();
    const due = store.listOf(userId).filter(isDue);
    const notBefore = ended.get(userId)?.at ?? 0;
    await Promise.all(due.map(({ id }) => writes(() => workbenches.write(id, { notBefore }))));
    if (due.length > 0) logger.info({ user: userId, workbenches: due.length }, 'signed out of workbenches');
  }

  async function round(): Promise<'end'> {
    for (const userId of ended.keys()) await writeDown(userId);
    return 'end';
  }

  function forget(): void {
    for (const [userId, { notedAt }] of ended) {
      const old = clock.monotonic() - notedAt > timings.rememberSignOutMs;
      if (old && !store.listOf(userId).some(isDue)) ended.delete(userId);
    }
  }

  const loop = createLoop(
    {
      round,
      retryMs: timings.roundRetryMs,
      longestRetryMs: timings.longestRoundPauseMs,
      failure: 'cannot sign out yet',
    },
    context,
  );
  const endListening = store.changes.add((id) => {
    const stored = ended.size > 0 ? store.get(id) : undefined;
    if (stored && isDue(stored.workbench)) loop.wake();
  });

  async function signOut(userId: string, at: number): Promise<void> {
    forget();
    ended.set(userId, { at: Math.max(at, ended.get(userId)?.at ?? 0), notedAt: clock.monotonic() });
    const written = writeDown(userId).catch((error: unknown) => {
      loop.wake();
      throw error;
    });
    const tooLate = () => {
      throw takesLong();
    };
    await within(written, timings.answerWithinMs, tooLate, clock);
  }

  return {
    ...loop,
    signOut,
    async close() {
      endListening();
      await loop.close();
    },
  };
}

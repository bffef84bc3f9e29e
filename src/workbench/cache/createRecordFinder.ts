import { CallBudget } from '../../lib/CallBudget.ts';
import type { Context } from '../../lib/Context.ts';
import { createLoop, type Next } from '../../lib/createLoop.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { createFairLine, type Place } from '../../lib/fairLine.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { RecordReflector } from './createRecordReflector.ts';
import type { RecordStore } from './RecordStore.ts';

/** Ids that no resync has shown: mistyped, made up, or made by another controller a moment ago. */
const LOOK_UPS_PER_SECOND = 5;
/** Callers wait for the next resync at the longest; how many do is bounded, for one user and for all. */
const MOST_OF_A_USER = 1_000;
const MOST_WAITING = 10_000;
const RETRY_AFTER_SECONDS = 3;
/** While only a resync that is under way is waited for. */
const LONGEST_PAUSE_MS = 1_000;

type Caller = Readonly<{
  id: string;
  since: number;
  tell(answer: Workbench | undefined | Promise<Workbench | undefined>): void;
}>;

export type RecordFinder = ReturnType<typeof createRecordFinder>;

/**
 * Finds records that the store doesn't have: by a look-up of its own while the budget has one, users taking turns, and
 * otherwise by the next resync, which answers all who came before it. So a flood of ids costs AWS no call for each, and
 * nobody else's look-up waits behind it.
 */
export function createRecordFinder(store: RecordStore, reflector: RecordReflector, context: Context) {
  const { clock, timings } = context;
  const budget = new CallBudget(LOOK_UPS_PER_SECOND, clock);
  const line = createFairLine<Caller>(() => clock.monotonic());
  const waitingOf = new Map<string, number>();

  /** @param user whose turn it is @throws UnavailableError */
  async function find(id: string, user: string): Promise<Workbench | undefined> {
    if (isAnswered(id)) return store.get(id)?.workbench;
    const shared = reflector.finds(id);
    if (shared) return await shared;
    const waiting = waitingOf.get(user) ?? 0;
    if (waiting >= MOST_OF_A_USER || line.places().length >= MOST_WAITING) {
      throw new UnavailableError('Too many ask for workbenches that are not known; try again in a moment', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    waitingOf.set(user, waiting + 1);
    return await new Promise((resolve) => {
      line.join(user, 'soon', { id, since: clock.monotonic(), tell: resolve });
      loop.wake();
    });
  }

  function isAnswered(id: string): boolean {
    return store.get(id) !== undefined || store.isUnknown(id);
  }

  function answer({ user, call }: Place<Caller>, found: Workbench | undefined | Promise<Workbench | undefined>): void {
    const left = (waitingOf.get(user) ?? 1) - 1;
    if (left > 0) waitingOf.set(user, left);
    else waitingOf.delete(user);
    call?.tell(found);
  }

  /** Those who have their answer without a turn of their own leave the line. */
  function answerWhere(has: (caller: Caller) => boolean, found: (id: string) => ReturnType<RecordReflector['find']>) {
    for (const place of [...line.places()]) {
      if (!place.call || !has(place.call)) continue;
      line.leave(place);
      answer(place, found(place.call.id));
    }
  }

  const inMemory = async (id: string) => store.get(id)?.workbench;

  function lookUp(): void {
    while (line.places().length > 0 && budget.tryTake()) {
      const place = line.next();
      if (!place?.call) return;
      const { id } = place.call;
      const found = reflector.find(id);
      answer(place, found);
      answerWhere(
        (caller) => caller.id === id,
        () => found,
      );
    }
  }

  function serve(): Next {
    answerWhere(({ id }) => isAnswered(id), inMemory);
    lookUp();
    if (line.places().length === 0) return 'end';
    reflector.resyncSoon();
    return Math.max(1, Math.min(budget.wait(), LONGEST_PAUSE_MS));
  }

  reflector.resyncs.add(({ startedAt, failure }) => {
    const found = failure === undefined ? inMemory : () => Promise.reject(failure);
    answerWhere(({ since }) => since < startedAt, found);
  });

  const retry = { retryMs: timings.pollRetryMs, longestRetryMs: timings.longestPollRetryMs };
  const loop = createLoop({ round: serve, ...retry, failure: 'cannot look workbenches up now' }, context);
  async function close(): Promise<void> {
    const closing = new UnavailableError('The controller is stopping; ask again');
    answerWhere(
      () => true,
      () => Promise.reject(closing),
    );
    await loop.close();
  }

  return { find, close };
}

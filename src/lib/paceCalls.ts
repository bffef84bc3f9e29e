import type { Clock } from './clock.ts';
import { createFairLine, type Place, type Urgency } from './fairLine.ts';
import { learnPace, type PaceStart } from './learnPace.ts';

/** Who calls, and how long the call can wait for its turn: until a monotonic time, or for as long as it takes. */
export type Turn = Readonly<{ user: string; urgency: Urgency; until: number }>;

/** The call's turn would come too late: it was not made, or throttled each time that it was. */
export class NoTurnError extends Error {
  override readonly name = 'NoTurnError';
  /** When a turn is likely. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('No turn in time');
    this.retryAfterMs = retryAfterMs;
  }
}

export type PacedCalls = Readonly<{
  /** @throws NoTurnError, and whatever the call throws but a throttle */
  run<T>(call: () => Promise<T>, turn: Turn): Promise<T>;
  /**
   * Calls that are going to come, once something else is done: counted as if they stood in the line.
   * @returns ends that
   * @throws NoTurnError where such a call would not have its turn in time
   */
  expect(until: number): () => void;
  /** Nobody waits any longer, and nobody will. */
  close(): void;
}>;

/**
 * The part of the time until their turn after which those who were refused are told to be back. What is left of it is
 * theirs to wait, or they are told anew: a pace that was taken for too slow leaves no turn unused.
 */
const EARLY = 0.5;
const SOONEST_RETRY_AFTER_MS = 1_000;
const LONGEST_RETRY_AFTER_MS = 60_000;
/** A place is kept for so long after its user was to be back. */
const KEPT_FOR_MS = 3_000;
/** Apart by chance, so that controllers that share a bucket don't keep step. */
const SPREAD = 0.2;

type Call = Readonly<{ until: number; waited: boolean; make(): Promise<void>; refuse(error: Error): void }>;

function retryAfter(likelyMs: number): number {
  return Math.min(Math.max(likelyMs * EARLY, SOONEST_RETRY_AFTER_MS), LONGEST_RETRY_AFTER_MS);
}

/**
 * Calls that share one of AWS's buckets: each waits for its turn, users take turns, and the pace is learned from what
 * comes through. A throttled call keeps its place. One whose turn can't come in time is refused as soon as that is
 * known, and its user's place is kept.
 */
export function paceCalls(
  start: PaceStart,
  dependencies: Readonly<{
    clock: Clock;
    random: () => number;
    isThrottle: (error: unknown) => boolean;
    /** So many throttles there have been that no call fails of, as they are repeated by whoever makes them. */
    throttles?: () => number;
  }>,
): PacedCalls {
  const { clock, random, isThrottle, throttles = () => 0 } = dependencies;
  const pace = learnPace(start, clock);
  const line = createFairLine<Call>(() => clock.monotonic());
  let expected = 0;
  let waking = new AbortController();
  let closed = false;

  const likelyWaitMs = (position: number): number => pace.waitMs() + (position / pace.likelyPerSecond()) * 1000;

  /** Where a turn comes too late, it is better known now. */
  function refuseTheLate(): void {
    const now = clock.monotonic();
    let ahead = 0;
    let aheadWithKept = 0;
    for (const place of [...line.places()]) {
      const turnAt = now + likelyWaitMs(ahead);
      if (place.kept) {
        aheadWithKept += 1;
        // Who is still away when the turn has come takes none.
        if (now < place.kept.turnAt && place.kept.turnAt <= turnAt) ahead += 1;
      } else if (place.call && turnAt > place.call.until) {
        refuse(place, place.call, likelyWaitMs(aheadWithKept));
        aheadWithKept += 1;
      } else {
        ahead += 1;
        aheadWithKept += 1;
      }
    }
  }

  function refuse(place: Place<Call>, call: Call, likelyMs: number): void {
    const retryAfterMs = retryAfter(likelyMs);
    const now = clock.monotonic();
    line.keep(place, now + likelyMs, now + retryAfterMs + KEPT_FOR_MS);
    call.refuse(new NoTurnError(retryAfterMs));
  }

  function go(place: Place<Call>, call: Call): void {
    const tell = pace.go(call.waited);
    const before = throttles();
    call
      .make()
      .then(
        () => tell(throttles() === before ? 'passed' : 'hindered'),
        (error: unknown) => {
          tell('throttled');
          if (closed) call.refuse(error instanceof Error ? error : new NoTurnError(SOONEST_RETRY_AFTER_MS));
          else line.putBack({ ...place, call: { ...call, waited: true } });
        },
      )
      .finally(advance);
  }

  /** Makes the calls whose turn has come, and sleeps until the next one's, or until somebody has waited long enough. */
  function advance(): void {
    waking.abort();
    if (closed) return;
    refuseTheLate();
    while (pace.waitMs() === 0) {
      const place = line.next();
      if (!place?.call) break;
      go(place, place.call);
    }
    const waiting = line.places().flatMap(({ call }) => call ?? []);
    if (waiting.length === 0) return;
    const soonest = Math.min(...waiting.map(({ until }) => until)) - clock.monotonic();
    waking = new AbortController();
    const wait = Math.max(1, Math.min(pace.waitMs() * (1 + random() * SPREAD), soonest + 1));
    clock.sleep(wait, waking.signal).then(advance, () => undefined);
  }

  return {
    run: <T>(call: () => Promise<T>, { user, urgency, until }: Turn) =>
      new Promise<T>((resolve, reject) => {
        if (closed) return reject(new NoTurnError(SOONEST_RETRY_AFTER_MS));
        // Rejects where the call was throttled, and only then.
        const make = async (): Promise<void> => {
          try {
            resolve(await call());
          } catch (error) {
            if (isThrottle(error)) throw error;
            reject(error);
          }
        };
        line.join(user, urgency, { until, waited: pace.waitMs() > 0, make, refuse: reject });
        advance();
      }),
    expect: (until) => {
      const soon = line.places().filter(({ call, urgency }) => call && urgency === 'soon').length;
      const likelyMs = likelyWaitMs(soon + expected);
      if (clock.monotonic() + likelyMs > until) throw new NoTurnError(retryAfter(likelyMs));
      expected += 1;
      return () => {
        expected -= 1;
      };
    },
    close: () => {
      closed = true;
      waking.abort();
      for (const { call } of [...line.places()]) call?.refuse(new NoTurnError(SOONEST_RETRY_AFTER_MS));
    },
  };
}

import type { Clock } from './clock.ts';

/** Nobody who waits for a service to come back waits for longer than two seconds. */
const SLOWEST_PER_SECOND = 0.5;
/**
 * Carefully upward: asking a little more often than the service answers keeps its bucket drained, and loses no turn.
 * More by a sum and less by a part: so those who share a bucket come to equal shares.
 */
const FASTER_BY = 0.1;
const SLOWER = 0.8;
/** Where less than half comes through. */
const MUCH_SLOWER = 0.5;
/** So many in a row have come through: the pace is far too slow. */
const IN_A_ROW = 6;
const MUCH_FASTER = 1.3;
/** What came through within so long is likely to do so again. */
const RECENT_MS = 5_000;

/** @property most a second, however well it goes: so that a throttle never finds too many under way */
export type PaceStart = Readonly<{ perSecond: number; burst: number; most?: number }>;

/** How a call went, as far as the pace is concerned; `hindered`: it came through, by being repeated. */
type Answer = 'passed' | 'hindered' | 'throttled';

export type LearnedPace = Readonly<{
  /** Milliseconds until the next call may go. */
  waitMs(): number;
  /**
   * One call goes.
   * @param waited it had to wait for its turn: only then does it tell that more is possible, if it comes through
   * @returns to be told how it went
   */
  go(waited: boolean): (answer: Answer) => void;
  /**
   * How many calls a second are likely to come through; as long as all do, any number. Rather too many: who comes back
   * too early is told again, at no cost to the service; who comes too late leaves a turn unused.
   */
  likelyPerSecond(): number;
}>;

/**
 * A token bucket whose rate is what a service lets through: begun hopefully, slower at each throttle, faster while
 * calls come through that others wait behind. Whoever else shares the service's bucket is learned with it.
 */
export function learnPace(start: PaceStart, clock: Clock): LearnedPace {
  const { most = Number.POSITIVE_INFINITY } = start;
  let perSecond = start.perSecond;
  let tokens = start.burst;
  let filledAt = clock.monotonic();
  /** Counts the slowdowns: calls that went before the last one tell nothing about the pace since. */
  let era = 0;
  let passedInEra = 0;
  let passedAt: number[] = [];

  function fill(): void {
    const now = clock.monotonic();
    tokens = Math.min(start.burst, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
  }

  function passedPerSecond(): number {
    const since = clock.monotonic() - RECENT_MS;
    passedAt = passedAt.filter((at) => at > since);
    return (passedAt.length / RECENT_MS) * 1000;
  }

  function slowDown(): void {
    const slower = perSecond > 2 * passedPerSecond() + 1 ? MUCH_SLOWER : SLOWER;
    perSecond = Math.max(SLOWEST_PER_SECOND, perSecond * slower);
    era += 1;
    passedInEra = 0;
  }

  function speedUp(): void {
    passedInEra += 1;
    const faster = Math.max(perSecond + FASTER_BY, passedInEra > IN_A_ROW ? perSecond * MUCH_FASTER : 0);
    perSecond = Math.min(most, faster);
  }

  return {
    waitMs: () => {
      fill();
      // Not a hair short of a token for ever, by rounding.
      return tokens > 0.999 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
    },
    go: (waited) => {
      fill();
      tokens = Math.max(0, tokens - 1);
      const ownEra = era;
      return (answer) => {
        fill();
        if (answer === 'throttled') {
          // The service's own bucket is empty.
          tokens = 0;
          if (ownEra === era) slowDown();
          return;
        }
        passedPerSecond();
        passedAt.push(filledAt);
        if (answer === 'hindered') {
          if (ownEra === era) slowDown();
          return;
        }
        if (waited && ownEra === era) speedUp();
      };
    },
    likelyPerSecond: () => (era === 0 ? Number.POSITIVE_INFINITY : Math.max(perSecond, passedPerSecond())),
  };
}

import type { Clock } from '../../lib/clock.ts';
import { SESSION_S } from '../signed/claims.ts';

const MOST = 100_000;

/** Who logged out, as far as this replica knows: kept until whatever was signed before has ended by itself. */
export type Logouts = Readonly<{
  /** @param at milliseconds since the epoch: what was signed in until then is over */
  note(user: string, at: number): void;
  isOver(claims: Readonly<{ user: string; auth_time: number }>): boolean;
}>;

export function createLogouts(clock: Pick<Clock, 'now'>): Logouts {
  const ended = new Map<string, number>();
  return {
    note(user, at) {
      const latest = Math.max(at, ended.get(user) ?? 0);
      // To the end of the line, which is in the order of time.
      ended.delete(user);
      for (const [old, then] of ended) {
        if (then + SESSION_S * 1000 > clock.now() && ended.size < MOST) break;
        ended.delete(old);
      }
      ended.set(user, latest);
    },
    isOver: ({ user, auth_time }) => Math.round(auth_time * 1000) <= (ended.get(user) ?? 0),
  };
}

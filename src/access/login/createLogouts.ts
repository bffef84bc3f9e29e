import type { Clock } from '../../lib/clock.ts';
import { SESSION_S } from '../signed/claims.ts';

const MOST = 100_000;

/** Who logged out, as far as this replica knows: kept until whatever was signed before has ended by itself. */
export type Logouts = Readonly<{
  /** @param at seconds since the epoch: what was signed in until then is over */
  note(subject: string, at: number): void;
  isOver(claims: Readonly<{ user: string; sub?: string | undefined; auth_time: number }>): boolean;
}>;

export function createLogouts(clock: Pick<Clock, 'now'>): Logouts {
  const ended = new Map<string, number>();
  return {
    note(subject, at) {
      const latest = Math.max(at, ended.get(subject) ?? 0);
      // To the end of the line, which is in the order of time.
      ended.delete(subject);
      for (const [old, then] of ended) {
        if (then + SESSION_S > clock.now() / 1000 && ended.size < MOST) break;
        ended.delete(old);
      }
      ended.set(subject, latest);
    },
    isOver: ({ user, sub, auth_time }) => auth_time <= (ended.get(sub ?? user) ?? 0),
  };
}

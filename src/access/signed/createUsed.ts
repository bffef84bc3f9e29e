import type { Clock } from '../../lib/clock.ts';

const MOST = 100_000;

/** Tells the second use of what may be used once, at this replica, until it would not serve any more anyhow. */
export type Used = (token: string, expiresAt: number) => boolean;

/** Bounded: beyond that the oldest are forgotten, which are the first to end. */
export function createUsed(clock: Pick<Clock, 'now'>, most = MOST): Used {
  const until = new Map<string, number>();
  return (token, expiresAt) => {
    if (until.has(token)) return true;
    const now = clock.now();
    for (const [old, end] of until) {
      if (end > now && until.size < most) break;
      until.delete(old);
    }
    until.set(token, expiresAt);
    return false;
  };
}

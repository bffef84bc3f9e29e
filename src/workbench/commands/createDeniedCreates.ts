import type { Context } from '../../lib/Context.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { Draft } from '../ports.ts';

const MOST_REMEMBERED = 10_000;

type Named = Pick<Draft | Workbench, 'userId' | 'createdAt'>;

export type DeniedCreates = ReturnType<typeof createDeniedCreates>;

/** The creates without a key that this process has refused, though their access point may be there. */
export function createDeniedCreates({ clock, timings }: Context) {
  const deniedAt = new Map<string, number>();
  // No controller makes two drafts of one user at the same millisecond.
  const nameOf = ({ userId, createdAt }: Named): string => `${createdAt.getTime()} ${userId}`;

  function add(draft: Draft): void {
    const now = clock.monotonic();
    for (const [name, at] of deniedAt) {
      if (now - at < timings.rememberDeniedMs && deniedAt.size < MOST_REMEMBERED) break;
      deniedAt.delete(name);
    }
    deniedAt.set(nameOf(draft), now);
  }

  return { add, has: (workbench: Workbench): boolean => deniedAt.has(nameOf(workbench)) };
}

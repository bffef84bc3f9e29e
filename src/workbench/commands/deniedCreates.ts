import type { Clock } from '../../lib/clock.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { Draft } from '../ports.ts';

/** Long enough for the next scans to show what there is; what comes to light later is found by its age. */
const REMEMBERED_MS = 120_000;
const MOST_REMEMBERED = 10_000;

type Named = Pick<Draft | Workbench, 'userId' | 'createdAt'>;

/** The creates without a key that this process has refused, though their access point may be there. */
export type DeniedCreates = Readonly<{
  add(draft: Draft): void;
  has(workbench: Workbench): boolean;
}>;

export function createDeniedCreates(clock: Clock): DeniedCreates {
  const deniedAt = new Map<string, number>();
  // No controller makes two drafts of one user at the same millisecond.
  const nameOf = ({ userId, createdAt }: Named): string => `${createdAt.getTime()} ${userId}`;

  return {
    add: (draft) => {
      const now = clock.monotonic();
      for (const [name, at] of deniedAt) {
        if (now - at < REMEMBERED_MS && deniedAt.size < MOST_REMEMBERED) break;
        deniedAt.delete(name);
      }
      deniedAt.set(nameOf(draft), now);
    },
    has: (workbench) => deniedAt.has(nameOf(workbench)),
  };
}

import { type Choice, choose } from '../model/choose.ts';
import { noSuchWorkbench } from '../model/errors.ts';
import type { Limits } from '../model/limits.ts';
import type { Profiles } from '../model/Profile.ts';
import type { Ports, WorkbenchChanges } from '../ports.ts';
import { findUsable } from './observe.ts';

/** What is left out stays as it is. */
export type Change = Choice & Readonly<{ name?: string | undefined }>;

export type Changer = ReturnType<typeof createChanger>;

/**
 * Changes what a workbench is called, and what it will be at its next start: what runs goes on as it is.
 * Profile and size are one unit, so that no two changes at a time make a size that the profile doesn't have.
 */
export function createChanger({ workbenches }: Pick<Ports, 'workbenches'>, profiles: Profiles, limits: Limits) {
  /** In one call, so all or nothing. @throws NotFoundError, ConflictError, InputError, UnavailableError */
  return async (id: string, change: Change): Promise<void> => {
    const current = await findUsable(workbenches, id);
    const { name, profile, cpu, memory } = change;
    const fits = [profile, cpu, memory].some((part) => part !== undefined);
    const changes: WorkbenchChanges = {
      ...(fits ? choose(change, current, profiles, limits) : {}),
      ...(name === undefined ? {} : { name, userId: current.userId }),
    };
    if (Object.keys(changes).length === 0) return;
    if (!(await workbenches.write(id, changes))) throw noSuchWorkbench();
  };
}

import { type Fault, InputError } from '../../lib/errors.ts';
import { profileGone } from './errors.ts';
import type { Size } from './fargateSizes.ts';
import { type Limits, sizeFaults } from './limits.ts';
import { type Profile, type Profiles, sizeFault } from './Profile.ts';
import type { Workbench } from './Workbench.ts';

/** What a user asks for; what is left out stays as it is, or is the profile's. */
export type Choice = Readonly<{
  profile?: string | undefined;
  cpu?: number | undefined;
  memory?: number | undefined;
}>;

/**
 * Profile and size as they are to be written down: one unit, of which each part decides on the others.
 * @param current what there is already, if there is
 * @throws InputError naming every fault; ConflictError `profile_gone`
 */
export function choose(
  { profile: name, cpu, memory }: Choice,
  current: Pick<Workbench, 'profile' | 'size'> | undefined,
  profiles: Profiles,
  limits: Pick<Limits, 'cpu' | 'memory'>,
): Pick<Workbench, 'profile' | 'size'> {
  const profile = name === undefined ? profiles.of(current ?? { profile: undefined }) : profiles.named(name);
  if (!profile) {
    if (name === undefined) throw profileGone(current?.profile, profiles.names);
    const message = `must be one of ${profiles.names.join(', ')}`;
    throw new InputError([
      { field: 'profile', message },
      ...sizeFaults({ cpu: cpu ?? 0, memory: memory ?? 0 }, limits),
    ]);
  }
  const usual = name === undefined && current ? current.size : profile.size;
  const size = { cpu: cpu ?? usual.cpu, memory: memory ?? usual.memory };
  const faults = faultsOf(profile, size, { cpu, memory }, limits);
  if (faults.length > 0) throw new InputError(faults);
  const recorded = name === undefined && current ? current.profile : profiles.recorded(profile);
  return { profile: recorded, size };
}

function faultsOf(
  profile: Profile,
  size: Size,
  { cpu, memory }: Choice,
  limits: Pick<Limits, 'cpu' | 'memory'>,
): readonly Fault[] {
  const tooMuch = sizeFaults(size, limits);
  if (tooMuch.length > 0) return tooMuch;
  const message = sizeFault(profile, size);
  const given = [cpu === undefined ? [] : 'requested_cpu', memory === undefined ? [] : 'requested_memory'].flat();
  return message === undefined ? [] : [{ field: given.join(', ') || 'profile', message }];
}

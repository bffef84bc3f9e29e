import { isFargateSize, type Size, wrongSizeMessage } from './fargateSizes.ts';

type CapacityProvider = Readonly<{ capacityProvider: string; weight: number }>;

/** What workbenches are offered as: an image, what it runs on, and how large it is where nobody says. */
export type Profile = Readonly<{
  name: string;
  title: string | undefined;
  image: string;
  size: Size;
  /** How many; not on Fargate. */
  gpu: number | undefined;
  /** Undefined: what AWS takes for it, X86_64. */
  architecture: 'X86_64' | 'ARM64' | undefined;
  ephemeralGib: number | undefined;
  /** None: Fargate. */
  capacityProviders: readonly CapacityProvider[];
  bootCommand: string;
}>;

export type Offer = Readonly<{
  profiles: readonly Profile[];
  /** The name of one of them. */
  byDefault: string;
  /** Nobody has named any: the one there is may change its name when somebody does. */
  implicit: boolean;
}>;

/** A profile, and the size in which it is to run. */
export type Fitting = Readonly<{ profile: Profile; size: Size }>;

type Holder = Readonly<{ profile: string | undefined; size: Size }>;

/** By the ECS model, what a task may have that isn't Fargate's. */
const ownCpu = { least: 128, most: 196_608 };
const LEAST_MEMORY = 6;

export function isProfileName(text = ''): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,62}$/.test(text);
}

export function isFargate({ capacityProviders }: Pick<Profile, 'capacityProviders'>): boolean {
  return capacityProviders.every(({ capacityProvider }) => capacityProvider.startsWith('FARGATE'));
}

/** Why AWS would refuse the size, in words that say what would be right. */
export function sizeFault(profile: Pick<Profile, 'capacityProviders'>, size: Size): string | undefined {
  if (isFargate(profile)) return isFargateSize(size) ? undefined : wrongSizeMessage(size);
  const { least, most } = ownCpu;
  if (size.cpu < least || size.cpu > most) return `a task has ${least} to ${most} CPU units`;
  return size.memory < LEAST_MEMORY ? `a task has at least ${LEAST_MEMORY} MiB` : undefined;
}

export type Profiles = ReturnType<typeof createProfiles>;

export function createProfiles({ profiles, byDefault, implicit }: Offer) {
  const byName = new Map(profiles.map((profile) => [profile.name, profile]));
  const ofDefault = byName.get(byDefault);
  if (!ofDefault) throw new Error(`There is no profile ${byDefault}`);
  const usual: Profile = ofDefault;
  const withoutGpu = (profile: Profile) => profile.gpu === undefined;
  const plain: Profile = [usual, ...profiles].find(withoutGpu) ?? { ...usual, gpu: undefined };

  const named = (name: string) => byName.get(name);
  /** Undefined: it is not offered any more. */
  const of = ({ profile }: Pick<Holder, 'profile'>) => (profile === undefined ? usual : byName.get(profile));

  /** What a purge runs as: its own profile, unless that has a GPU, which is not to be waited for, or can't be run. */
  function forPurge(workbench: Holder): Fitting {
    const own = of(workbench);
    if (!own || !withoutGpu(own)) return { profile: plain, size: plain.size };
    const { size } = workbench;
    return { profile: own, size: sizeFault(own, size) === undefined ? size : own.size };
  }

  return {
    all: profiles,
    usual,
    names: profiles.map(({ name }) => name),
    named,
    of,
    forPurge,
    /** As it is written on a record: whoever has named none keeps to whatever is the default. */
    recorded: (profile: Profile): string | undefined => (implicit ? undefined : profile.name),
  };
}

import { z } from 'zod';
import { capacityProviders, imageName } from './configValues.ts';
import type { Limits } from './workbench/model/limits.ts';
import { isFargate, isProfileName, type Offer, type Profile, sizeFault } from './workbench/model/Profile.ts';

/** What a profile leaves open. */
export type ProfileDefaults = Readonly<{
  capacityProviders: Profile['capacityProviders'];
  bootCommand: string;
}>;

const wholeNumber = (least: number, most: number) => z.int().min(least).max(most);
const size = wholeNumber(1, 1_000_000);

const entry = z.strictObject({
  name: z.string().refine(isProfileName, 'must be 1 to 63 of a-z, 0-9, . _ - and begin with a-z or 0-9'),
  title: z.string().min(1).max(200).optional(),
  image: imageName,
  cpu: size,
  memory: size,
  gpu: wholeNumber(1, 16).optional(),
  architecture: z.enum(['X86_64', 'ARM64']).optional(),
  ephemeral_gib: wholeNumber(21, 200).optional(),
  capacity_providers: z
    .union([z.string(), z.array(z.string()).transform((names) => names.join(','))])
    .pipe(capacityProviders)
    .optional(),
  boot_command: z.string().min(1).optional(),
  default: z.boolean().optional(),
});
type Entry = z.infer<typeof entry>;

const file = z.array(entry).min(1, 'must hold at least one profile');

/** What the file offers, or every fault of it at once. */
export function readProfiles(
  text: string,
  defaults: ProfileDefaults,
  limits: Pick<Limits, 'cpu' | 'memory'>,
): Readonly<{ offer?: Offer; faults: readonly string[] }> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { faults: ['is no JSON'] };
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) return { faults: parsed.error.issues.map((issue) => wordsOf(issue, json)) };
  const entries = parsed.data;
  const profiles = entries.map((one) => profileOf(one, defaults));
  const faults = [
    ...profiles.flatMap((profile) => faultsOf(profile, limits).map((fault) => `${profile.name}: ${fault}`)),
    ...new Set(repeated(entries.map(({ name }) => name)).map((name) => `${name}: is there twice`)),
    ...(entries.filter((one) => one.default).length > 1 ? ['only one can be the default'] : []),
  ];
  const byDefault = (entries.find((one) => one.default) ?? entries[0])?.name ?? '';
  return faults.length > 0 ? { faults } : { offer: { profiles, byDefault, implicit: false }, faults };
}

/** With a profile's name where it has one; `2.cpu` says little. */
function wordsOf({ path, message }: z.core.$ZodIssue, json: unknown): string {
  const [index, ...rest] = path;
  if (index === undefined) return Array.isArray(json) ? message : 'must be a JSON array of profiles';
  const one: unknown = Array.isArray(json) ? json[Number(index)] : undefined;
  const name = typeof one === 'object' && one !== null && 'name' in one ? String(one.name).slice(0, 63) : undefined;
  return [name ?? `profile ${Number(index) + 1}`, ...rest, message].join(': ');
}

function profileOf(one: Entry, { capacityProviders: usual, bootCommand }: ProfileDefaults): Profile {
  return {
    name: one.name,
    title: one.title,
    image: one.image,
    size: { cpu: one.cpu, memory: one.memory },
    gpu: one.gpu,
    architecture: one.architecture,
    ephemeralGib: one.ephemeral_gib,
    capacityProviders: one.capacity_providers ?? usual,
    bootCommand: one.boot_command ?? bootCommand,
  };
}

/** What AWS would refuse at every start. */
function faultsOf(profile: Profile, limits: Pick<Limits, 'cpu' | 'memory'>): readonly string[] {
  const { size: wanted, gpu, ephemeralGib } = profile;
  const fargate = isFargate(profile);
  const mixed = mixesFargate(profile);
  const faults: (string | undefined)[] = [
    mixed ? 'capacity_providers: must be either Fargate’s or your own: ECS takes no strategy with both' : undefined,
    gpu !== undefined && fargate ? 'gpu: Fargate has none: name a capacity provider of your own' : undefined,
    ephemeralGib !== undefined && !fargate ? 'ephemeral_gib: only Fargate has it' : undefined,
    mixed ? undefined : sizeFault(profile, wanted),
    wanted.cpu > (limits.cpu ?? wanted.cpu) ? 'cpu: is more than WB_MAX_CPU' : undefined,
    wanted.memory > (limits.memory ?? wanted.memory) ? 'memory: is more than WB_MAX_MEMORY' : undefined,
  ];
  return faults.flatMap((fault) => fault ?? []);
}

export function mixesFargate({ capacityProviders: all }: Pick<Profile, 'capacityProviders'>): boolean {
  return new Set(all.map((one) => isFargate({ capacityProviders: [one] }))).size > 1;
}

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

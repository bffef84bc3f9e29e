import { z } from 'zod';
import { mixesFargate, readProfiles } from './configProfiles.ts';
import { capacityProviders, imageName, wholeNumber } from './configValues.ts';
import type { Limits } from './workbench/model/limits.ts';
import { type Offer, type Profile, sizeFault } from './workbench/model/Profile.ts';

const DEFAULT_IMAGE = '394497726199.dkr.ecr.us-west-1.amazonaws.com/h1st/workbench:latest';
const size = wholeNumber(1, 1_000_000);
const most = wholeNumber(1, 1_000_000).optional();

/** What workbenches run, on what, and how many of them. */
export const workbenchVariables = {
  ECS_CAPACITY_PROVIDERS: capacityProviders.default([]),
  WB_IMAGE: imageName.default(DEFAULT_IMAGE),
  WB_BOOT_COMMAND: z.string().default('exec /app.sh'),
  WB_DEFAULT_CPU: size.default(1024),
  WB_DEFAULT_RAM: size.default(2048),
  WB_PROFILES: z.string().optional(),
  WB_MAX_PER_USER: most,
  WB_MAX_RUNNING_PER_USER: most,
  WB_MAX_RUNNING: most,
  WB_MAX_CPU: most,
  WB_MAX_MEMORY: most,
};

const variables = z.object(workbenchVariables);
type Variables = z.infer<typeof variables>;
type Fault = Readonly<{ variable: string; message: string }>;

/** What is offered, and what is wrong with one beside the others. What is wrong by itself is told where that is. */
export function readOffer(
  given: Readonly<Record<string, string>>,
  readFile: (path: string) => string,
): Readonly<{ offer: Offer; faults: readonly Fault[] }> {
  // A variable that is wrong by itself is as if unset here: one message about it is enough.
  const wrong = new Set(variables.safeParse(given).error?.issues.map(({ path }) => String(path[0])));
  const env = variables.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))));
  if (env.WB_PROFILES === undefined) {
    const { offer, faults } = implicitOffer(env);
    return { offer, faults: faults.filter(({ variable }) => !variable.split(', ').some((name) => wrong.has(name))) };
  }

  const unread: Offer = implicitOffer(env).offer;
  const faultOf = (message: string): Fault => ({ variable: 'WB_PROFILES', message });
  let text: string;
  try {
    text = readFile(env.WB_PROFILES);
  } catch (error) {
    const cause = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
    return { offer: unread, faults: [faultOf(`can’t be read: ${cause}`)] };
  }
  const defaults = { capacityProviders: env.ECS_CAPACITY_PROVIDERS, bootCommand: env.WB_BOOT_COMMAND };
  const { offer = unread, faults } = readProfiles(text, defaults, limitsOf(env));
  return { offer, faults: faults.map(faultOf) };
}

/** One profile, made of the variables. */
function implicitOffer(env: Variables): ReturnType<typeof readOffer> {
  const profile: Profile = {
    name: 'default',
    title: undefined,
    image: env.WB_IMAGE,
    size: { cpu: env.WB_DEFAULT_CPU, memory: env.WB_DEFAULT_RAM },
    gpu: undefined,
    architecture: undefined,
    ephemeralGib: undefined,
    capacityProviders: env.ECS_CAPACITY_PROVIDERS,
    bootCommand: env.WB_BOOT_COMMAND,
  };
  const { cpu, memory } = limitsOf(env);
  const faults: Fault[] = [];
  const wrongSize = sizeFault(profile, profile.size);
  if (wrongSize) faults.push({ variable: 'WB_DEFAULT_CPU, WB_DEFAULT_RAM', message: wrongSize });
  if (mixesFargate(profile)) {
    const message = 'must be either Fargate’s or your own: ECS takes no strategy with both';
    faults.push({ variable: 'ECS_CAPACITY_PROVIDERS', message });
  }
  if (profile.size.cpu > (cpu ?? profile.size.cpu)) {
    faults.push({ variable: 'WB_MAX_CPU', message: 'must not be less than WB_DEFAULT_CPU' });
  }
  if (profile.size.memory > (memory ?? profile.size.memory)) {
    faults.push({ variable: 'WB_MAX_MEMORY', message: 'must not be less than WB_DEFAULT_RAM' });
  }
  return { offer: { profiles: [profile], byDefault: profile.name, implicit: true }, faults };
}

export function limitsOf(env: Variables): Limits {
  return {
    workbenches: env.WB_MAX_PER_USER,
    running: env.WB_MAX_RUNNING_PER_USER,
    allRunning: env.WB_MAX_RUNNING,
    cpu: env.WB_MAX_CPU,
    memory: env.WB_MAX_MEMORY,
  };
}

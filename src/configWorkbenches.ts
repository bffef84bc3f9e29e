import { z } from 'zod';
import { capacityProviders, imageName, wholeNumber } from './configValues.ts';
import { isFargateSize, wrongSizeMessage } from './workbench/model/fargateSizes.ts';
import type { Limits } from './workbench/model/limits.ts';

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
  WB_MAX_PER_USER: most,
  WB_MAX_RUNNING_PER_USER: most,
  WB_MAX_RUNNING: most,
  WB_MAX_CPU: most,
  WB_MAX_MEMORY: most,
};

const variables = z.object(workbenchVariables);
type Variables = z.infer<typeof variables>;
type Given = Readonly<Record<string, string>>;
type Fault = Readonly<{ variable: string; message: string }>;

/** What is wrong with one beside the others. What is wrong by itself is told where that is. */
export function workbenchFaults(given: Given): readonly Fault[] {
  const faults: Fault[] = [];
  const { shape } = variables;
  const cpu = shape.WB_DEFAULT_CPU.safeParse(given['WB_DEFAULT_CPU']).data;
  const memory = shape.WB_DEFAULT_RAM.safeParse(given['WB_DEFAULT_RAM']).data;
  const mostCpu = shape.WB_MAX_CPU.safeParse(given['WB_MAX_CPU']).data;
  const mostMemory = shape.WB_MAX_MEMORY.safeParse(given['WB_MAX_MEMORY']).data;
  if (cpu !== undefined && memory !== undefined && !isFargateSize({ cpu, memory })) {
    faults.push({ variable: 'WB_DEFAULT_CPU, WB_DEFAULT_RAM', message: wrongSizeMessage({ cpu, memory }) });
  }
  if (cpu !== undefined && mostCpu !== undefined && cpu > mostCpu) {
    faults.push({ variable: 'WB_MAX_CPU', message: 'must not be less than WB_DEFAULT_CPU' });
  }
  if (memory !== undefined && mostMemory !== undefined && memory > mostMemory) {
    faults.push({ variable: 'WB_MAX_MEMORY', message: 'must not be less than WB_DEFAULT_RAM' });
  }
  const providers = shape.ECS_CAPACITY_PROVIDERS.safeParse(given['ECS_CAPACITY_PROVIDERS']).data ?? [];
  if (new Set(providers.map(({ capacityProvider }) => capacityProvider.startsWith('FARGATE'))).size > 1) {
    const message = 'must be either Fargate’s or your own: ECS takes no strategy with both';
    faults.push({ variable: 'ECS_CAPACITY_PROVIDERS', message });
  }
  return faults;
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

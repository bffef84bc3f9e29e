import { PassThrough } from 'node:stream';
import pino from 'pino';
import { createEcs, type Ecs } from '../../src/ecs/createEcs.ts';
import type { EcsDependencies } from '../../src/ecs/EcsDependencies.ts';
import { createNetwork } from '../../src/network.ts';
import { createIdleRuntime } from '../../src/runtime/idleRuntime.ts';
import { instantTiming, type Timing } from '../../src/timing.ts';
import { awsModelsPresent, checkShape } from '../support/awsModel.ts';

// biome-ignore lint/suspicious/noExplicitAny: an answer is JSON, and each test says what it expects of it
type Answer = any;

export type Fixture = Readonly<{
  ecs: Ecs;
  /** What the front does: JSON in, JSON out; held against AWS's model. */
  call(operation: string, input?: Record<string, unknown>): Promise<Answer>;
  task(arn: string): Promise<Answer>;
  clock: { now: number };
  timing: { current: Timing };
  capacity: { vcpu?: number; memoryMiB?: number; tasks?: number };
  taskDefinitions: EcsDependencies['taskDefinitions'];
}>;

export function ecsFixture(overrides: Partial<EcsDependencies> = {}): Fixture {
  const clock = { now: 1_750_000_000_000 };
  const timing = { current: instantTiming };
  const capacity = {};
  let ids = 0;
  const dependencies: EcsDependencies = {
    region: 'us-west-1',
    accountId: '000000000000',
    cluster: 'workbench',
    network: createNetwork('us-west-1', {
      vpcId: 'vpc-1',
      subnets: ['subnet-1', 'subnet-2'],
      securityGroups: ['sg-1'],
    }),
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    taskDefinitions: new Map(),
    revisions: new Map(),
    timing,
    runtime: createIdleRuntime(),
    mountSource: () => ({ folder: '/tmp', user: { uid: 1000, gid: 1000 } }),
    openLog: () => ({ stdout: new PassThrough().resume(), stderr: new PassThrough().resume() }),
    capacity,
    logger: pino({ level: 'silent' }),
    now: () => clock.now,
    randomHex(bytes) {
      ids += 1;
      return ids.toString(16).padStart(bytes * 2, '0');
    },
    ...overrides,
  };
  const ecs = createEcs(dependencies);

  async function call(operation: string, input: Record<string, unknown> = {}): Promise<Answer> {
    const answer = await ecs.operations[operation]?.(JSON.parse(JSON.stringify(input)));
    const onTheWire = JSON.parse(JSON.stringify(answer));
    const faults = awsModelsPresent() ? checkShape('ecs', `${operation}Response`, onTheWire) : [];
    if (faults.length > 0) throw new Error(`${operation} answers what AWS would not: ${faults.join('; ')}`);
    return onTheWire;
  }

  return {
    ecs,
    call,
    task: async (arn) => (await call('DescribeTasks', { cluster: 'workbench', tasks: [arn] })).tasks[0],
    clock,
    timing,
    capacity,
    taskDefinitions: dependencies.taskDefinitions,
  };
}

export function definition(members: Record<string, unknown> = {}, container: Record<string, unknown> = {}) {
  return {
    family: 'wb-1',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '1024',
    memory: '2048',
    containerDefinitions: [
      { name: 'workbench', image: 'busybox', portMappings: [{ containerPort: 3000 }], ...container },
    ],
    ...members,
  };
}

export function run(members: Record<string, unknown> = {}) {
  return {
    cluster: 'workbench',
    taskDefinition: 'wb-1',
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    ...members,
  };
}

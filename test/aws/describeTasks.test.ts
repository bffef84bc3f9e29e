import { RegisterTaskDefinitionCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import { createEcsTasks } from '../../src/aws/createEcsTasks.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { UnavailableError, UpstreamError } from '../../src/lib/errors.ts';
import type { Tasks } from '../../src/workbench/ports.ts';
import { testContext } from '../support/testContext.ts';

const ELEVEN_MINUTES = 11 * 60_000;
const unknown = (index: number): string => index.toString(16).padStart(32, 'f');

import { aProfile, someProfiles } from '../support/records.ts';

let cloud: TestCloud;
let time: number;
let tasks: Tasks;
/** Tasks that there are. */
let real: string[];

beforeEach(async () => {
  cloud = await startTestCloud();
  const { cluster, subnets } = cloud.cloud;
  time = 0;
  tasks = createEcsTasks(
    cloud.ecs,
    {
      stack: 'wb',
      cluster,
      containerPort: 3000,
      subnets,
      securityGroups: [],
      assignPublicIp: false,
    },
    someProfiles(aProfile()),
    testContext({ clock: { ...systemClock, monotonic: () => time } }),
  );
  await cloud.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'wb-1',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '1024',
      memory: '2048',
      containerDefinitions: [{ name: 'workbench', image: 'busybox' }],
    }),
  );
  const { tasks: started = [] } = await cloud.ecs.send(
    new RunTaskCommand({
      taskDefinition: 'wb-1',
      count: 3,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...subnets] } },
    }),
  );
  real = started.map(({ taskArn }) => taskArn?.split('/').pop() ?? '');
  cloud.cloud.clearCalls();
});
afterEach(async () => {
  await cloud[Symbol.asyncDispose]();
});

/** How many calls there were since it was asked last. */
function calls(): number {
  const counts = Object.values(cloud.cloud.calls()['DescribeTasks'] ?? {});
  cloud.cloud.clearCalls();
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A full batch: the real ones first, among and last. */
function batchWith(...culprits: string[]): string[] {
  const [first = '', second = '', third = ''] = real;
  const others = Array.from({ length: 97 - culprits.length }, (_, index) => unknown(index));
  return [first, ...others.slice(0, 40), ...culprits, second, ...others.slice(40), third];
}

describe('looking at a hundred tasks, one of whose ids ECS refuses', () => {
  test('shows the others, finds the culprit with few calls, and asks no more about it for minutes', async () => {
    const batch = batchWith('None');
    expect([...(await tasks.describe(batch)).keys()].sort()).toEqual([...real].sort());
    expect(calls()).toBeLessThanOrEqual(18);

    for (let look = 0; look < 3; look++) expect((await tasks.describe(batch)).size).toBe(3);
    expect(calls()).toBe(3);

    // What ECS refused once it may take some day.
    time += ELEVEN_MINUTES;
    expect((await tasks.describe(batch)).size).toBe(3);
    expect(calls()).toBeGreaterThan(3);
  });

  test('and five more, shows the others, whatever the ids are', async () => {
    const batch = batchWith('', '/', 'x'.repeat(31), 'x'.repeat(300), 'ä b,c', 'None');
    expect((await tasks.describe(batch)).size).toBe(3);
    cloud.cloud.clearCalls();
    expect((await tasks.describe(batch)).size).toBe(3);
    expect(calls()).toBe(1);
  });

  test('alone, takes it for unknown and asks no more', async () => {
    expect((await tasks.describe(['None'])).size).toBe(0);
    expect(calls()).toBeLessThanOrEqual(3);
    expect((await tasks.describe(['None'])).size).toBe(0);
    expect(calls()).toBe(0);
  });

  test('and stopping it, is told that ECS knows no such task', async () => {
    await expect(tasks.stop('None', 'why')).resolves.toBe(false);
  });
});

describe('looking at tasks while ECS refuses the calls', () => {
  test.each(['AccessDeniedException', 'ClientException', 'InvalidParameterException', 'ClusterNotFoundException'])(
    'by %s, fails after a second call, and blames no id',
    async (code) => {
      cloud.cloud.setFaults([{ operation: 'DescribeTasks', kind: 'error', code }]);
      await expect(tasks.describe(batchWith())).rejects.toBeInstanceOf(UpstreamError);
      expect(calls()).toBe(2);
      cloud.cloud.clearFaults();
      expect((await tasks.describe(real)).size).toBe(3);
    },
  );

  test.each(['ClientException', 'InvalidParameterException'])('once by %s, shows them all the same', async (code) => {
    cloud.cloud.setFaults([{ operation: 'DescribeTasks', kind: 'error', code, times: 1 }]);
    expect((await tasks.describe(real.slice(0, 1))).size).toBe(1);
  });

  test('by throttling, makes no further call', async () => {
    cloud.cloud.setFaults([{ operation: 'DescribeTasks', kind: 'throttle' }]);
    await expect(tasks.describe(batchWith('None'))).rejects.toBeInstanceOf(UnavailableError);
    expect(calls()).toBe(1);
  });
});

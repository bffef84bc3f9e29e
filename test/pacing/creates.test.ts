import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultRule } from '@workbench/local-cloud';
import type { Timings } from '../../src/lib/timings.ts';
import { type CallAnswer, callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isSettled, lastingViolations, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';
import { promptTurns } from './promptTurns.ts';

let world: WatchedCloud;
let controller: TestController;

beforeEach(async () => {
  world = await startWatchedCloud();
});
afterEach(async () => {
  await controller.close();
  await world[Symbol.asyncDispose]();
});

const start = async (pace: Partial<Timings> = {}): Promise<void> => {
  controller = await startController(world.cloud.url, {}, { pace });
};
const create = (user: string): Promise<CallAnswer> => callController(controller.url, 'POST', '', { user });
const made = (operation: string): number => world.cloud.calls()[operation]?.['ok'] ?? 0;
const asked = (operation: string): number =>
  Object.values(world.cloud.calls()[operation] ?? {}).reduce((sum, count) => sum + count, 0);
const settled = () => eventually(() => isSettled(world.cloud), Boolean);
const throttleCreates = (rule: Partial<FaultRule> = {}): FaultRule =>
  ({
    operation: 'CreateAccessPoint',
    kind: 'throttle',
    ...rule,
  }) as FaultRule;

describe('a create without a key that EFS throttles', () => {
  test('three times, waits for its turn and is made once', async () => {
    await start();
    world.cloud.setFaults([throttleCreates({ times: 3 })]);
    const { status, item } = await create('ann');

    expect(status).toBe(201);
    await settled();
    expect([made('CreateAccessPoint'), made('RunTask'), made('DeleteAccessPoint')]).toEqual([1, 1, 0]);
    expect(world.cloud.look().accessPoints.map(({ id }) => id.slice(5))).toEqual([item?.workbench_id]);
    expect(await lastingViolations(world)).toEqual([]);
  });

  test('until there is no time left, is a 503 that says when to come back; nothing is made, then or later', async () => {
    await start(promptTurns);
    world.cloud.setFaults([throttleCreates()]);
    const { status, retryAfter } = await create('ann');
    world.cloud.clearFaults();

    expect(status).toBe(503);
    expect(retryAfter).toBeGreaterThan(0);
    // A few sweeps, which find what was left undone.
    const swept = made('DescribeAccessPoints');
    await eventually(
      () => made('DescribeAccessPoints'),
      (count) => count > swept + 3,
    );
    expect(world.cloud.look()).toMatchObject({ accessPoints: [], tasks: [], taskDefinitions: [] });
    for (const operation of ['RunTask', 'RegisterTaskDefinition', 'DeleteAccessPoint'])
      expect(asked(operation)).toBe(0);
    expect(made('CreateAccessPoint')).toBe(0);
  });
});

test.each<[string, readonly Partial<FaultRule>[]]>([
  ['throttled once, made and not answered, then throttled for good', [{ times: 1 }, { kind: 'reset', when: 'after' }]],
  ['made and not answered, then throttled for good', [{ kind: 'reset', when: 'after' }]],
  ['made and answered with an error, then throttled for good', [{ kind: 'error', when: 'after' }]],
])('a create without a key, %s, is taken back and never started', async (_case, rules) => {
  await start(promptTurns);
  world.cloud.setFaults(rules.map(throttleCreates));
  const answer = create('ann');
  await eventually(
    () => made('CreateAccessPoint') + world.cloud.look().accessPoints.length,
    (count) => count > 0,
  );
  world.cloud.setFaults([...rules.slice(-1), {}].map(throttleCreates));
  const { status } = await answer;
  world.cloud.clearFaults();

  expect(status).toBe(503);
  await eventually(
    () => world.cloud.look().accessPoints.length,
    (count) => count === 0,
  );
  // What ran was a purge: nothing but that has another command.
  const commands = world.cloud.look().tasks.map(({ overrides }) => overrides.containerOverrides[0]?.command);
  expect(commands.every((command) => command !== undefined)).toBe(true);
  expect(await lastingViolations(world)).toEqual([]);
});

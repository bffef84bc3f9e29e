import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultRule } from '@workbench/local-cloud';
import { instantTiming } from '@workbench/local-cloud/timing';
import { defaultTimings, type Timings } from '../../src/lib/timings.ts';
import { type CallAnswer, callController } from '../support/callController.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { isSettled, lastingViolations, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';

/** `PACING_USERS=20` is the measurement of docs/performance.md; more than can be served in one answer's time will do. */
const USERS = Number(process.env['PACING_USERS'] ?? 12);

let world: WatchedCloud;
let controllers: TestController[];

beforeEach(async () => {
  world = await startWatchedCloud();
  controllers = [];
});
afterEach(async () => {
  await Promise.all(controllers.map((controller) => controller.close()));
  await world[Symbol.asyncDispose]();
});

/** A turn has to come as soon as in production; what is done after it may take a busy machine as long as it likes. */
const promptTurns = {
  answerWithinMs: PATIENCE_MS + defaultTimings.answerWithinMs - defaultTimings.afterItsTurnMs,
  afterItsTurnMs: PATIENCE_MS,
};
const start = async (pace: Partial<Timings> = {}): Promise<void> => {
  controllers.push(await startController(world.cloud.url, {}, { pace }));
};
const urlOf = (index: number): string => controllers[index % controllers.length]?.url ?? '';
const create = (user: string, key?: string, index = 0): Promise<CallAnswer> =>
  callController(urlOf(index), 'POST', '', key === undefined ? { user } : { user, key });
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

/** Creates, and comes back as told until there is a workbench. */
async function createAsTold(user: string, key: string | undefined, index: number): Promise<CallAnswer> {
  for (let attempt = 0; ; attempt++) {
    const answer = await create(user, key, index + attempt);
    if (answer.status !== 503) return answer;
    await delay(answer.retryAfter * 1000);
  }
}

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

describe("at AWS's own rates", () => {
  beforeEach(() => {
    world.cloud.changeTiming({ ...instantTiming, rates: 'aws' });
  });

  test.each([
    ['without keys', 1],
    ['with keys', 1],
    ['without keys, over two controllers', 2],
  ])('users who create at once %s, and come back as told, each have one workbench, made once', async (how, count) => {
    while (controllers.length < count) await start(promptTurns);
    const key = (index: number) => (how === 'with keys' ? `key ${index}` : undefined);
    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: USERS }, (_, index) => createAsTold(`user-${index}`, key(index), index)),
    );
    const seconds = (performance.now() - begun) / 1000;
    await settled();

    process.stdout.write(
      `${USERS} creates ${how}: ${seconds.toFixed(1)} s, ${asked('CreateAccessPoint')} calls of CreateAccessPoint\n`,
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect([made('CreateAccessPoint'), made('DeleteAccessPoint')]).toEqual([USERS, 0]);
    // Asked again by the same token, ECS names the same task.
    expect(world.cloud.look().tasks).toHaveLength(USERS);
    expect(world.cloud.look().accessPoints).toHaveLength(USERS);
    for (let index = 0; index < USERS; index++) {
      const list = () => callController(urlOf(0), 'GET', '', { user: `user-${index}` });
      // What another controller made is seen with the next scan.
      const { items } = await eventually(list, ({ items: listed }) => listed.length > 0);
      expect(items.map(({ workbench_id: id }) => id)).toEqual([answers[index]?.item?.workbench_id]);
    }
    // How soon, paceCalls.test.ts knows by a clock that no busy machine holds up. Nobody hammers at EFS meanwhile.
    expect(asked('CreateAccessPoint')).toBeLessThan(3 * USERS);
    expect(await lastingViolations(world)).toEqual([]);
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { instantTiming } from '@workbench/local-cloud/timing';
import { type CallAnswer, callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isSettled, lastingViolations, startWatchedCloud } from '../support/invariants.ts';
import { startController } from '../support/startController.ts';
import { promptTurns } from './promptTurns.ts';

/** `PACING_USERS=20` is the measurement of docs/performance.md; more than can be served in one answer's time will do. */
const USERS = Number(process.env['PACING_USERS'] ?? 12);

/** Creates, and comes back as told, to one controller or the next, until there is a workbench. */
async function createAsTold(urlOf: (index: number) => string, user: string, key: string | undefined, index: number) {
  for (let attempt = 0; ; attempt++) {
    const answer: CallAnswer = await callController(urlOf(index + attempt), 'POST', '', { user, ...(key && { key }) });
    if (answer.status !== 503) return answer;
    await delay(answer.retryAfter * 1000);
  }
}

describe("at AWS's own rates", () => {
  // Each waits more than it works.
  test.concurrent.each([
    ['without keys', 1],
    ['with keys', 1],
    ['without keys, over two controllers', 2],
  ])('users who create at once %s, and come back as told, each have one workbench, made once', async (how, count) => {
    await using world = await startWatchedCloud({ timing: { ...instantTiming, rates: 'aws' } });
    const starting = Array.from({ length: count }, () => startController(world.cloud.url, {}, { pace: promptTurns }));
    const controllers = await Promise.all(starting);
    const urlOf = (index: number): string => controllers[index % count]?.url ?? '';
    const asked = (): Readonly<Record<string, number>> => world.cloud.calls()['CreateAccessPoint'] ?? {};
    const all = (): number => Object.values(asked()).reduce((sum, calls) => sum + calls, 0);
    const keyOf = (index: number) => (how === 'with keys' ? `key ${index}` : undefined);
    try {
      const begun = performance.now();
      const answers = await Promise.all(
        Array.from({ length: USERS }, (_, index) => createAsTold(urlOf, `user-${index}`, keyOf(index), index)),
      );
      const seconds = (performance.now() - begun) / 1000;
      await eventually(() => isSettled(world.cloud), Boolean);

      process.stdout.write(`${USERS} creates ${how}: ${seconds.toFixed(1)} s, ${all()} calls of CreateAccessPoint\n`);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
      expect(asked()['ok']).toBe(USERS);
      expect(world.cloud.calls()).not.toHaveProperty('DeleteAccessPoint');
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
      expect(all()).toBeLessThan(3 * USERS);
      expect(await lastingViolations(world)).toEqual([]);
    } finally {
      await Promise.all(controllers.map((controller) => controller.close()));
    }
  });
});

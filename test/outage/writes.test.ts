import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CallAnswer, callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { collectViolations, isSettled, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';

const WRITERS = 200;
const WAVES = 2;

let world: WatchedCloud;
let controller: TestController;
let ids: string[];

beforeEach(async () => {
  world = await startWatchedCloud();
  controller = await startController(world.cloud.url);
  const made = await Promise.all(Array.from({ length: 10 }, () => callController(controller.url, 'POST', '')));
  ids = made.map(({ item }) => item?.workbench_id ?? '');
});
afterEach(async () => {
  world.cloud.clearFaults();
  await controller.close();
  await world[Symbol.asyncDispose]();
});

const callsMade = () =>
  Object.values(world.cloud.calls()).reduce(
    (sum, outcomes) => sum + Object.values(outcomes).reduce((all, count) => all + count, 0),
    0,
  );
const openSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

/** Each on a different workbench than the one before: nobody joins another's call. */
function write(index: number): Promise<CallAnswer> {
  const id = ids[index % ids.length] ?? '';
  const kinds = [
    () => callController(controller.url, 'POST', ''),
    () => callController(controller.url, 'POST', `/${id}/start`),
    () => callController(controller.url, 'POST', `/${id}/stop`),
    () => callController(controller.url, 'DELETE', `/${id}`),
  ];
  return (kinds[index % kinds.length] as () => Promise<CallAnswer>)();
}

describe('while every AWS call fails', () => {
  test.each(['error', 'reset', 'throttle', 'timeout'] as const)(
    'by %s: 200 writers at once are told 503 in time; calls and sockets are bounded; soon after AWS is back, so is all',
    async (kind) => {
      world.cloud.setFaults([{ operation: '*', kind }]);
      world.cloud.clearCalls();
      const answers: CallAnswer[] = [];
      let sockets = 0;
      for (let wave = 0; wave < WAVES; wave++) {
        const writing = Array.from({ length: WRITERS }, (_, index) => write(index));
        sockets = Math.max(sockets, await delay(1_000).then(openSockets));
        answers.push(...(await Promise.all(writing)));
      }
      const perWrite = callsMade() / answers.length;
      const slowest = Math.max(...answers.map(({ milliseconds }) => milliseconds));

      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      expect(answers.every(({ retryAfter }) => retryAfter > 0)).toBe(true);
      expect(slowest).toBeLessThan(10_000);
      expect(perWrite).toBeLessThan(3);

      // What goes on in the background asks now and then, not all the time.
      world.cloud.clearCalls();
      await delay(3_000);
      const perSecond = callsMade() / 3;
      expect(perSecond).toBeLessThan(30);

      world.cloud.clearCalls();
      world.cloud.clearFaults();
      const back = performance.now();
      await eventually(
        () => callController(controller.url, 'POST', ''),
        ({ status }) => status === 201,
      );
      const recovery = performance.now() - back;
      process.stdout.write(
        `outage by ${kind}: ${perWrite.toFixed(2)} AWS calls a write, slowest answer ${Math.round(slowest)} ms, ` +
          `${sockets} sockets, ${perSecond.toFixed(0)} calls/s in the background, back after ${Math.round(recovery)} ms\n`,
      );
      expect(recovery).toBeLessThan(5_000);
      // 200 callers each way in this process, and at most 50 to each of ECS and EFS, both ends.
      expect(sockets).toBeLessThan(2 * WRITERS + 2 * 100 + 50);
      await eventually(() => isSettled(world.cloud), Boolean, 20_000);
      expect(await collectViolations(world)).toEqual([]);
    },
    90_000,
  );
});

import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { defaultTimings } from '../../src/lib/timings.ts';
import { type CallAnswer, callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isSettled, lastingViolations, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { promptCalls, startController, type TestController } from '../support/startController.ts';

const WRITERS = 200;
const WAVES = 2;

/** Each kind of outage in a file of its own: they are long, and most of it is waiting. */
export function writersAreTold(kind: 'error' | 'reset' | 'throttle' | 'timeout'): void {
  test(`while every AWS call fails by ${kind}: 200 writers at once are told 503 in time; calls and sockets are bounded; soon after AWS is back, so is all`, async () => {
    await using world = await startWatchedCloud();
    // As patient as in production.
    const controller = await startController(
      world.cloud.url,
      {},
      { pace: { answerWithinMs: defaultTimings.answerWithinMs, ...promptCalls } },
    );
    try {
      await outage(kind, world, controller);
    } finally {
      world.cloud.clearFaults();
      await controller.close();
    }
  });
}

async function outage(kind: Parameters<typeof writersAreTold>[0], world: WatchedCloud, controller: TestController) {
  const ids = await Promise.all(Array.from({ length: 10 }, (_, index) => created(controller.url, `key ${index}`)));
  world.cloud.setFaults([{ operation: '*', kind }]);
  world.cloud.clearCalls();
  const answers: CallAnswer[] = [];
  let sockets = 0;
  let waited = 0;
  for (let wave = 0; wave < WAVES; wave++) {
    const before = performance.eventLoopUtilization();
    const written = Array.from({ length: WRITERS }, (_, index) => write(controller.url, ids, index));
    sockets = Math.max(sockets, await delay(1_000).then(openSockets));
    answers.push(...(await Promise.all(written)));
    waited = Math.max(waited, performance.eventLoopUtilization(before).idle);
  }
  const perWrite = callsMade(world) / answers.length;
  const slowest = Math.max(...answers.map(({ milliseconds }) => milliseconds));

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  expect(answers.every(({ retryAfter }) => retryAfter > 0)).toBe(true);
  // Callers, controller and cloud share this process: when it has nothing to do, everybody waits for AWS.
  expect(waited).toBeLessThan(10_000);
  expect(perWrite).toBeLessThan(3);

  // Once what the writers have begun is over, the background asks now and then, not all the time.
  const perSecond = await eventually(
    () => callsPerSecond(world),
    (calls) => calls < 30,
  );

  world.cloud.clearFaults();
  const recovery = await timeOf(() => created(controller.url, 'when AWS is back'));
  const usual = await timeOf(() => created(controller.url, 'a while later'));
  process.stdout.write(
    `outage by ${kind}: ${perWrite.toFixed(2)} AWS calls a write, slowest answer ${Math.round(slowest)} ms ` +
      `(${Math.round(waited)} ms of waiting), ${sockets} sockets, ${perSecond.toFixed(0)} calls/s in the background, ` +
      `back after ${Math.round(recovery)} ms (usual: ${Math.round(usual)} ms)\n`,
  );
  expect(recovery).toBeLessThan(5_000 + 5 * usual);
  // 200 callers each way in this process, and at most 50 to each of ECS and EFS, both ends.
  expect(sockets).toBeLessThan(2 * WRITERS + 2 * 100 + 50);
  await eventually(() => isSettled(world.cloud), Boolean);
  expect(await lastingViolations(world)).toEqual([]);
}

/** Each on a different workbench than the one before: nobody joins another's call. */
function write(url: string, ids: readonly string[], index: number): Promise<CallAnswer> {
  const id = ids[index % ids.length] ?? '';
  const kinds = [
    () => callController(url, 'POST', ''),
    () => callController(url, 'POST', `/${id}/start`),
    () => callController(url, 'POST', `/${id}/stop`),
    () => callController(url, 'DELETE', `/${id}`),
  ];
  return (kinds[index % kinds.length] as () => Promise<CallAnswer>)();
}

/** Comes back as long as it is told to. @returns the id */
async function created(url: string, key: string): Promise<string> {
  const { item } = await eventually(
    () => callController(url, 'POST', '', { key }),
    ({ status }) => status === 201,
  );
  return item?.workbench_id ?? '';
}

async function callsPerSecond(world: WatchedCloud): Promise<number> {
  world.cloud.clearCalls();
  const took = await timeOf(() => delay(3_000));
  return (callsMade(world) / took) * 1_000;
}

async function timeOf(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

const callsMade = ({ cloud }: WatchedCloud) =>
  Object.values(cloud.calls()).reduce(
    (sum, outcomes) => sum + Object.values(outcomes).reduce((all, count) => all + count, 0),
    0,
  );
const openSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

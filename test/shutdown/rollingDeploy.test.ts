import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive, isSettled, lastingViolations, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';

let world: WatchedCloud;
let before: TestController;
let after: TestController;

beforeEach(async () => {
  world = await startWatchedCloud();
  [before, after] = await Promise.all([
    startController(world.cloud.url, { WB_IMAGE: 'workbench:1', WB_BOOT_COMMAND: 'exec /one.sh' }),
    startController(world.cloud.url, { WB_IMAGE: 'workbench:2', WB_BOOT_COMMAND: 'exec /two.sh' }),
  ]);
});
afterEach(async () => {
  await Promise.all([before.close(), after.close()]);
  await world[Symbol.asyncDispose]();
});

const registered = () => world.cloud.calls()['RegisterTaskDefinition']?.['ok'] ?? 0;
const settled = () => eventually(() => isSettled(world.cloud), Boolean);

async function aStoppedWorkbench(): Promise<string> {
  const { item } = await callController(before.url, 'POST', '');
  const id = item?.workbench_id ?? '';
  await settled();
  await stop(id);
  return id;
}

async function stop(id: string): Promise<void> {
  await callController(before.url, 'POST', `/${id}/stop`);
  await eventually(() => !world.cloud.look().tasks.some(isAlive), Boolean);
}

test('two versions start the same workbench at once: one task, which both adopt', async () => {
  const id = await aStoppedWorkbench();
  const tasks = world.cloud.look().tasks.length;

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => callController((index % 2 ? before : after).url, 'POST', `/${id}/start`)),
  );

  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  await settled();
  expect(world.cloud.look().tasks.length - tasks).toBe(1);
  expect(await lastingViolations(world)).toEqual([]);
});

test('a start that one version sent to ECS, and could not write down, is adopted by the other', async () => {
  const id = await aStoppedWorkbench();
  const tasks = world.cloud.look().tasks.length;
  world.cloud.setFaults([{ operation: 'RunTask', kind: 'reset', when: 'after', times: 3 }]);
  const lost = await callController(before.url, 'POST', `/${id}/start`);

  const adopted = await callController(after.url, 'POST', `/${id}/start`);

  expect([lost.status, adopted.status]).toEqual([503, 200]);
  await settled();
  expect(world.cloud.look().tasks.length - tasks).toBe(1);
  expect(await lastingViolations(world)).toEqual([]);
});

test('a start registers a definition only where the last one is of another version', async () => {
  const id = await aStoppedWorkbench();
  const first = registered();
  for (const version of [before, before, after, after, after]) {
    expect((await callController(version.url, 'POST', `/${id}/start`)).status).toBe(200);
    await settled();
    await stop(id);
  }
  // One for the new version; its repetition, and what is running already, need none.
  expect(registered() - first).toBe(1);
});

test('repeated starts of a running workbench by both versions register nothing', async () => {
  const id = await aStoppedWorkbench();
  await callController(after.url, 'POST', `/${id}/start`);
  await settled();
  const first = registered();

  for (const version of [before, after, before, after, before]) {
    expect((await callController(version.url, 'POST', `/${id}/start`)).status).toBe(200);
  }

  expect(registered()).toBe(first);
});

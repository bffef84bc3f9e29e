import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isSettled, lastingViolations, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';

const SCARCE = /^(Register|Deregister)TaskDefinition$/;

let world: WatchedCloud;
let controller: TestController;
/** The calls of the shared bucket that came through, in their order. */
let made: string[];

beforeEach(async () => {
  made = [];
  world = await startWatchedCloud({
    onCall: (call, phase) => {
      if (phase === 'after' && SCARCE.test(call)) made.push(call);
    },
  });
  controller = await startController(world.cloud.url);
});
afterEach(async () => {
  await controller.close();
  await world[Symbol.asyncDispose]();
});

const call = (method: string, path: string, user: string) => callController(controller.url, method, path, { user });

test('destroys let creates go first where both draw on one bucket, and come to their end all the same', async () => {
  const olds = await Promise.all([1, 2, 3, 4].map((index) => call('POST', '', `old-${index}`)));
  const throttled = (operation: string) => world.cloud.calls()[operation]?.['ThrottlingException'] ?? 0;
  // Nothing comes through until all that want a turn wait for it.
  const scarce = ['RegisterTaskDefinition', 'DeregisterTaskDefinition'];
  world.cloud.setFaults(scarce.map((operation) => ({ operation, kind: 'throttle', when: 'before', probability: 1 })));
  made.length = 0;
  await Promise.all(olds.map(({ item }, index) => call('DELETE', `/${item?.workbench_id}`, `old-${index + 1}`)));
  await eventually(
    () => throttled('DeregisterTaskDefinition'),
    (count) => count > 0,
  );
  const creates = [1, 2, 3].map((index) => call('POST', '', `new-${index}`));
  await eventually(
    () => world.cloud.look().accessPoints.length,
    (count) => count === 7,
  );
  const tries = throttled('RegisterTaskDefinition');
  await eventually(
    () => throttled('RegisterTaskDefinition'),
    (count) => count > tries + 2,
  );
  world.cloud.clearFaults();

  expect((await Promise.all(creates)).map(({ status }) => status)).toEqual([201, 201, 201]);
  const registered = made.lastIndexOf('RegisterTaskDefinition') + 1;
  // The one in ten that keeps destroys from starving.
  expect(registered - 3).toBeLessThanOrEqual(1);
  await eventually(() => isSettled(world.cloud) && world.cloud.look().accessPoints.length === 3, Boolean);
  expect(made.filter((name) => name === 'DeregisterTaskDefinition').length).toBeGreaterThanOrEqual(4);
  expect(await lastingViolations(world)).toEqual([]);
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { instantTiming } from '../../src/localcloud/timing.ts';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { collectViolations, isSettled, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';

const MINUTES = 180_000;
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

test(
  'destroys let creates go first where both draw on one bucket, and come to their end all the same',
  async () => {
    const olds = await Promise.all(Array.from({ length: 6 }, (_, index) => call('POST', '', `old-${index}`)));
    // The bucket is down to nothing, and lets one a second through.
    world.cloud.changeTiming({ ...instantTiming, rates: 'aws' });
    const { ecs } = world;
    const { RegisterTaskDefinitionCommand } = await import('@aws-sdk/client-ecs');
    const filler = { family: 'filler', containerDefinitions: [{ name: 'main', image: 'i', memory: 64 }] };
    const fill = () =>
      ecs.send(new RegisterTaskDefinitionCommand(filler)).then(
        () => true,
        () => false,
      );
    while (await fill());
    made.length = 0;

    await Promise.all(olds.map(({ item }, index) => call('DELETE', `/${item?.workbench_id}`, `old-${index}`)));
    await eventually(() => world.cloud.calls()['DeregisterTaskDefinition'] !== undefined, Boolean, MINUTES);
    const created = await Promise.all([1, 2, 3].map((index) => call('POST', '', `new-${index}`)));

    expect(created.map(({ status }) => status)).toEqual([201, 201, 201]);
    const registers = made.lastIndexOf('RegisterTaskDefinition') + 1;
    // At most what was on its way already, and the one in ten that keeps them from starving.
    expect(registers - 3).toBeLessThanOrEqual(2);
    await eventually(() => isSettled(world.cloud) && world.cloud.look().accessPoints.length === 3, Boolean, MINUTES);
    expect(made.filter((name) => name === 'DeregisterTaskDefinition').length).toBeGreaterThanOrEqual(6);
    expect(await collectViolations(world)).toEqual([]);
  },
  2 * MINUTES,
);

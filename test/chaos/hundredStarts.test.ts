import { expect, test } from '@jest/globals';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive, isSettled, lastingViolations, startWatchedCloud } from '../support/invariants.ts';
import { startController } from '../support/startController.ts';

test.each([0, 300])(
  '100 starts at once over three controllers, new tasks invisible for %d ms, make one task and 100 answers 2xx',
  async (visibilityMs) => {
    await using world = await startWatchedCloud();
    world.cloud.changeTiming({ visibilityMs, provisioningMs: 20, latencyMs: 2 });
    const controllers = await Promise.all(
      [1, 2, 3].map(() => startController(world.cloud.url, {}, { pace: { visibilityGraceMs: 30_000 } })),
    );
    const urls = controllers.map(({ url }) => url);
    const [first = ''] = urls;
    const { item } = await callController(first, 'POST', '');
    const id = item?.workbench_id ?? '';
    await eventually(() => isSettled(world.cloud), Boolean);
    await callController(first, 'POST', `/${id}/stop`);
    await eventually(() => !world.cloud.look().tasks.some(isAlive), Boolean);
    const before = world.cloud.look().tasks.length;

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => callController(urls[index % 3] ?? '', 'POST', `/${id}/start`)),
    );

    await eventually(() => isSettled(world.cloud), Boolean);
    const tasks = world.cloud.look().tasks.length - before;
    const well = answers.filter(({ status }) => status === 200).length;
    process.stdout.write(`100 concurrent starts over 3 controllers: ${tasks} task, ${well} answers 2xx\n`);
    expect({ tasks, well }).toEqual({ tasks: 1, well: 100 });
    expect(await lastingViolations(world)).toEqual([]);
    await Promise.all(controllers.map((controller) => controller.close()));
  },
);

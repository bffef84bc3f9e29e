import { expect, test } from '@jest/globals';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive, isSettled, startWatchedCloud } from '../support/invariants.ts';
import { createScriptedRuntime } from '../support/scriptedRuntime.ts';
import { promptCalls, startController } from '../support/startController.ts';

test('destroying, when the intent is written but its answers are lost until all is gone, answers 200', async () => {
  await using world = await startWatchedCloud();
  const start = () => startController(world.cloud.url, {}, { pace: promptCalls });
  const [asked, other] = await Promise.all([start(), start()]);
  const { item } = await callController(asked.url, 'POST', '');
  const id = item?.workbench_id ?? '';
  await eventually(() => isSettled(world.cloud), Boolean);
  world.cloud.setFaults([{ operation: 'efs:TagResource', kind: 'timeout', when: 'after', times: 1 }]);

  // The one asked waits for its answer; the other one's sweep finds the intent meanwhile.
  const answer = await callController(asked.url, 'DELETE', `/${id}`);

  expect(answer.status).toBe(200);
  await eventually(() => world.cloud.look().accessPoints.length === 0, Boolean);
  await Promise.all([asked.close(), other.close()]);
});

test('starting, when the last task was stopped before ECS showed it and goes down, answers 409; soon it starts', async () => {
  let letGo: () => void = () => undefined;
  const down = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const runtime = createScriptedRuntime();
  await using world = await startWatchedCloud({
    runtime: {
      ...runtime,
      start: async (spec) => {
        const container = await runtime.start(spec);
        return { ...container, stop: () => down.then(() => container.stop()) };
      },
    },
  });
  world.cloud.changeTiming({ visibilityMs: 1_000 });
  const { url, close } = await startController(world.cloud.url, {}, { pace: { visibilityGraceMs: 30_000 } });
  const { item } = await callController(url, 'POST', '');
  const id = item?.workbench_id ?? '';
  await callController(url, 'POST', `/${id}/stop`);

  expect(await callController(url, 'POST', `/${id}/start`)).toMatchObject({ status: 409, code: 'stopping' });
  letGo();

  await eventually(
    () => callController(url, 'POST', `/${id}/start`),
    ({ status }) => status === 200,
  );
  await eventually(() => isSettled(world.cloud) && world.cloud.look().tasks.filter(isAlive).length === 1, Boolean);
  await close();
});

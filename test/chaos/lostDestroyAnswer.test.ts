import { expect, test } from '@jest/globals';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isSettled, startWatchedCloud } from '../support/invariants.ts';
import { startController } from '../support/startController.ts';

test('destroying, when the intent is written but its answers are lost until all is gone, answers 200', async () => {
  await using world = await startWatchedCloud();
  const [asked, other] = await Promise.all([startController(world.cloud.url), startController(world.cloud.url)]);
  const { item } = await callController(asked.url, 'POST', '');
  const id = item?.workbench_id ?? '';
  await eventually(() => isSettled(world.cloud), Boolean);
  world.cloud.setFaults([{ operation: 'efs:TagResource', kind: 'timeout', when: 'after', times: 1 }]);

  // The one asked waits for its answer; the other one's sweep finds the intent meanwhile.
  const answer = await callController(asked.url, 'DELETE', `/${id}`);

  expect(answer.status).toBe(200);
  await eventually(() => world.cloud.look().accessPoints.length === 0, Boolean);
  await Promise.all([asked.close(), other.close()]);
}, 30_000);

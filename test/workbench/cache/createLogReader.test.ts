import { expect, test } from '@jest/globals';
import { createLogReader } from '../../../src/workbench/cache/createLogReader.ts';
import type { Workbench } from '../../../src/workbench/model/Workbench.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { aWorkbench } from '../../support/records.ts';
import { testContext } from '../../support/testContext.ts';

const workbench = aWorkbench();

/** A log that grows by a line at each reading, from a number of lines on. */
function reading(size: number, failing = false) {
  const asked: number[] = [];
  const clock = createFakeClock();
  const readLog = createLogReader(
    {
      async tail(_workbench: Workbench, lines: number) {
        asked.push(lines);
        if (failing) throw new Error('AWS is away');
        return size === 0 ? undefined : Array.from({ length: size + asked.length }, (_, i) => `${i}`).slice(-lines);
      },
    },
    testContext({ clock }),
  );
  return { asked, clock, readLog };
}

test('readers within two seconds, and at the same time, share what was read', async () => {
  const { asked, clock, readLog } = reading(100);
  const [one, other] = await Promise.all([readLog(workbench, 10), readLog(workbench, 3)]);
  await clock.pass(2_000);
  expect(await readLog(workbench, 10)).toEqual(one);
  expect(other).toEqual(one?.slice(-3));
  expect(asked).toEqual([10]);
  await clock.pass(1);
  await readLog(workbench, 10);
  expect(asked).toEqual([10, 10]);
});

test('who wants more lines than were read has them read, unless there are no more', async () => {
  const long = reading(100);
  await long.readLog(workbench, 10);
  expect(await long.readLog(workbench, 50)).toHaveLength(50);
  const short = reading(4);
  await short.readLog(workbench, 10);
  expect(await short.readLog(workbench, 50)).toHaveLength(5);
  expect([long.asked, short.asked]).toEqual([[10, 50], [10]]);
});

test('another run has a log of its own', async () => {
  const { asked, readLog } = reading(100);
  await readLog(workbench, 10);
  await readLog(aWorkbench({ outcome: { generation: 2, taskId: 't2', launchedAt: 0 } }), 10);
  expect(asked).toEqual([10, 10]);
});

test('no log is a 404 of its own, also from memory', async () => {
  const { asked, readLog } = reading(0);
  for (const _ of [1, 2]) await expect(readLog(workbench, 10)).rejects.toMatchObject({ code: 'no_logs' });
  expect(asked).toEqual([10]);
});

test('a failure is not remembered', async () => {
  const { asked, readLog } = reading(100, true);
  for (const _ of [1, 2]) await expect(readLog(workbench, 10)).rejects.toThrow('AWS is away');
  expect(asked).toEqual([10, 10]);
});

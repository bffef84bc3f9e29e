import { expect, test } from '@jest/globals';
import { createPaces } from '../../src/aws/createPaces.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { testContext } from '../support/testContext.ts';

const SECONDS = 7;

/** Starts that each take a moment, and the order in which they are made. */
function createWorld(throttledFrom = Number.POSITIVE_INFINITY) {
  const clock = createFakeClock();
  let throttles = 0;
  const made: string[] = [];
  const { operations } = createPaces(testContext({ clock, random: () => 0.5 }), () => throttles);
  const start = (user: string): Promise<void> =>
    operations.run(
      async () => {
        made.push(user);
        await clock.sleep(50);
        if (made.length > throttledFrom) throttles += 1;
      },
      { user, urgency: 'soon', until: clock.monotonic() + SECONDS * 1_000 },
    );
  return { clock, made, start };
}

test("a user's start is the next, however many of another user's wait", async () => {
  const { clock, made, start } = createWorld();
  const storm = Promise.all(Array.from({ length: 100 }, () => start('mallory')));
  await clock.pass(100);
  const before = made.length;
  const own = start('ann');
  await clock.pass(SECONDS * 1_000);
  await Promise.all([storm, own]);

  expect(before).toBeLessThan(100);
  expect(made.indexOf('ann')).toBeLessThanOrEqual(before + 1);
});

test('starts are made no faster than twenty a second, once those saved up are spent', async () => {
  const { clock, made, start } = createWorld();
  void Promise.allSettled(Array.from({ length: 500 }, () => start('mallory')));
  await clock.pass(5_000);

  expect(made.length).toBeGreaterThan(40);
  expect(made.length).toBeLessThanOrEqual(20 + 5 * 20);
});

test('starts that AWS throttles on their way are made more slowly, and those that come too late are told at once', async () => {
  const { clock, made, start } = createWorld(20);
  const storm = Promise.allSettled(Array.from({ length: 200 }, () => start('mallory')));
  await clock.pass(2_000);
  const before = made.length;
  await clock.pass(8_000);
  const refused = (await storm).filter(({ status }) => status === 'rejected').length;

  expect(made.length - before).toBeLessThan(8 * 6);
  expect(refused + made.length).toBe(200);
});

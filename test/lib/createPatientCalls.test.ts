import { expect, test } from '@jest/globals';
import { CallBudget } from '../../src/lib/CallBudget.ts';
import { createPatientCalls } from '../../src/lib/createPatientCalls.ts';
import { createFakeClock } from '../support/fakeClock.ts';

const PER_SECOND = 10;

/** Many who want a call for nobody, and how many of them had one. */
function createWorld(wanted = 500) {
  const clock = createFakeClock();
  const budget = new CallBudget(PER_SECOND, clock);
  const calls = createPatientCalls(budget, clock);
  let made = 0;
  const all = Array.from({ length: wanted }, async () => {
    await calls.take();
    made += 1;
  });
  return { clock, budget, calls, all, made: () => made };
}

test('background calls have the whole budget while nobody else wants it, and no more', async () => {
  const { clock, made } = createWorld();
  await clock.pass(5_000);

  expect(made()).toBeGreaterThan(4.5 * PER_SECOND);
  expect(made()).toBeLessThanOrEqual(PER_SECOND + 5 * PER_SECOND);
});

test('background calls leave those who wait for an answer three quarters of the budget, and have one', async () => {
  const { clock, budget, made } = createWorld();
  let read = 0;
  await clock.pass(1_000);
  const before = made();
  for (let passed = 0; passed < 10_000; passed += 10) {
    await clock.pass(10);
    if (budget.tryTake()) read += 1;
  }

  expect(read).toBeGreaterThan(0.65 * 10 * PER_SECOND);
  expect(made() - before).toBeGreaterThan(0.2 * 10 * PER_SECOND);
  expect(read + made() - before).toBeLessThanOrEqual(11 * PER_SECOND);
});

test('background calls that wait when all is closed wait no longer', async () => {
  const { clock, calls, all } = createWorld();
  await clock.pass(100);
  calls.close();
  await Promise.all(all);
});

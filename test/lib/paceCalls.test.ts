import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Urgency } from '../../src/lib/fairLine.ts';
import { NoTurnError, type PacedCalls, paceCalls } from '../../src/lib/paceCalls.ts';
import { createFakeClock, type FakeClock } from '../support/fakeClock.ts';

const LATENCY_MS = 20;
const PATIENCE_MS = 5_500;

class Throttled extends Error {}

/** The same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** A service with a token bucket, as AWS has them, and those who share it. */
function createService(perSecond: number, burst: number, seed = 1) {
  const clock = createFakeClock();
  let tokens = burst;
  let filledAt = 0;
  const made: string[] = [];
  let asked = 0;
  const controller = (start = { perSecond: 5, burst: 5 }) =>
    paceCalls(start, { clock, random: seeded(seed), isThrottle: (error) => error instanceof Throttled });
  const call = async (name: string): Promise<string> => {
    await clock.sleep(LATENCY_MS);
    asked += 1;
    tokens = Math.min(burst, tokens + ((clock.monotonic() - filledAt) / 1000) * perSecond);
    filledAt = clock.monotonic();
    if (tokens < 1) throw new Throttled('Rate exceeded');
    tokens -= 1;
    made.push(name);
    return name;
  };
  return { clock, controller, call, made, asked: () => asked };
}

type Service = ReturnType<typeof createService>;

const ask = (
  { clock, call }: Service,
  calls: PacedCalls,
  user: string,
  urgency: Urgency = 'soon',
  within = PATIENCE_MS,
) => calls.run(() => call(user), { user, urgency, until: clock.monotonic() + within });

/** Comes back as told, each time to the next controller. */
async function askAsTold(service: Service, controllers: readonly PacedCalls[], user: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const controller = controllers[(user + attempt) % controllers.length];
    try {
      if (controller) await ask(service, controller, `user ${user}`);
      return;
    } catch (error) {
      if (!(error instanceof NoTurnError)) throw error;
      await service.clock.sleep(Math.ceil(error.retryAfterMs / 1000) * 1000);
    }
  }
}

/** @returns the seconds until all are done */
async function untilAll(clock: FakeClock, jobs: readonly Promise<unknown>[], longestMs: number): Promise<number> {
  let left = jobs.length;
  let doneAt = 0;
  for (const job of jobs) {
    void job.finally(() => {
      left -= 1;
      doneAt = clock.monotonic();
    });
  }
  while (left > 0 && clock.monotonic() < longestMs) await clock.pass(1_000);
  return left > 0 ? Number.POSITIVE_INFINITY : doneAt / 1000;
}

describe('users who ask at once and come back as told', () => {
  test.each([
    { users: 20, controllers: 1, perSecond: 1, burst: 2 },
    { users: 20, controllers: 2, perSecond: 1, burst: 2 },
    { users: 100, controllers: 1, perSecond: 1, burst: 2 },
    { users: 100, controllers: 3, perSecond: 1, burst: 2 },
    { users: 20, controllers: 1, perSecond: 0.5, burst: 2 },
    { users: 50, controllers: 1, perSecond: 5, burst: 5 },
  ])(
    '$users of them, over $controllers controllers, are served once each as fast as $perSecond a second allows',
    async ({ users, controllers, perSecond, burst }) => {
      const service = createService(perSecond, burst);
      const all = Array.from({ length: controllers }, () => service.controller());
      const jobs = Array.from({ length: users }, (_, user) => askAsTold(service, all, user));

      const seconds = await untilAll(service.clock, jobs, 600_000);

      expect(seconds).toBeLessThan(((users - burst) / perSecond) * 1.3);
      expect(new Set(service.made).size).toBe(users);
      expect(service.made).toHaveLength(users);
    },
  );

  test('are all served once, and in the end, whatever the rate is and however many share it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          users: fc.integer({ min: 1, max: 60 }),
          controllers: fc.integer({ min: 1, max: 3 }),
          perSecond: fc.double({ min: 0.3, max: 50, noNaN: true }),
          burst: fc.integer({ min: 1, max: 50 }),
          seed: fc.nat(),
        }),
        async ({ users, controllers, perSecond, burst, seed }) => {
          const service = createService(perSecond, burst, seed);
          const all = Array.from({ length: controllers }, () => service.controller());
          const jobs = Array.from({ length: users }, (_, user) => askAsTold(service, all, user));
          // A service that is slower than anybody is asked to be is not used to the full, and who was told a time
          // before the pace was known comes only then.
          const enough = (Math.max(0, users - burst) / perSecond) * 2 + 60;
          expect(await untilAll(service.clock, jobs, 900_000)).toBeLessThan(enough);
          expect([...service.made].sort()).toEqual(Array.from({ length: users }, (_, user) => `user ${user}`).sort());
        },
      ),
      { numRuns: 40 },
    );
  });

  test('with nothing throttled wait for nobody', async () => {
    const service = createService(1_000, 1_000);
    const calls = service.controller();
    const jobs = Array.from({ length: 200 }, (_, user) => ask(service, calls, `user ${user}`));

    expect(await untilAll(service.clock, jobs, 60_000)).toBeLessThan(5);
    expect(service.asked()).toBe(200);
  });
});

describe('a call', () => {
  test('whose turn can’t come in time is refused long before, each with a time of its own', async () => {
    const service = createService(1, 2);
    const calls = service.controller();
    const refused: { at: number; retryAfterMs: number }[] = [];
    for (let user = 0; user < 20; user++) {
      ask(service, calls, `user ${user}`).catch((error: NoTurnError) =>
        refused.push({ at: service.clock.monotonic(), retryAfterMs: error.retryAfterMs }),
      );
    }
    await service.clock.pass(2_000);

    expect(refused.length).toBeGreaterThanOrEqual(10);
    for (const { retryAfterMs } of refused) expect(retryAfterMs).toBeGreaterThanOrEqual(1_000);
    const told = refused.map(({ at, retryAfterMs }) => Math.ceil((at + retryAfterMs) / 1000));
    for (const second of told) expect(told.filter((other) => other === second).length).toBeLessThanOrEqual(4);
  });

  test('that is throttled for ever is refused by its time, and was never made', async () => {
    const service = createService(0, 0);
    const refused = ask(service, service.controller(), 'ann').catch((error: unknown) => [
      error instanceof NoTurnError,
      service.clock.monotonic() <= PATIENCE_MS + LATENCY_MS,
    ]);
    await service.clock.pass(10_000);

    expect(await refused).toEqual([true, true]);
    expect(service.made).toEqual([]);
  });

  test('that fails otherwise rejects with that, and holds nobody up', async () => {
    const service = createService(100, 100);
    const calls = service.controller();
    const until = service.clock.monotonic() + PATIENCE_MS;
    const failing = calls.run(() => Promise.reject(new Error('broken')), { user: 'ann', urgency: 'soon', until });
    const next = ask(service, calls, 'ben');

    await expect(failing).rejects.toThrow('broken');
    await service.clock.pass(100);
    expect(await next).toBe('ben');
  });

  test('of a user waits behind no storm of another’s', async () => {
    const service = createService(1, 1);
    const calls = service.controller();
    for (let count = 0; count < 50; count++) ask(service, calls, 'storm', 'soon', 600_000).catch(() => undefined);
    await service.clock.pass(3_000);
    const before = service.made.length;
    const other = ask(service, calls, 'ann');
    await service.clock.pass(4_000);

    expect(await other).toBe('ann');
    expect(service.made.slice(before).indexOf('ann')).toBeLessThanOrEqual(2);
  });

  test('in the background lets urgent ones go first, but does not starve', async () => {
    const service = createService(1, 1);
    const calls = service.controller();
    for (let count = 0; count < 3; count++)
      ask(service, calls, 'destroy', 'whenever', Number.POSITIVE_INFINITY).catch(() => undefined);
    await service.clock.pass(500);
    for (let user = 0; user < 40; user++) ask(service, calls, `user ${user}`, 'soon', 600_000).catch(() => undefined);
    await service.clock.pass(25_000);

    const served = service.made.slice(service.made.indexOf('user 0'));
    const destroys = served.filter((name) => name === 'destroy').length;
    expect(destroys).toBeGreaterThanOrEqual(1);
    expect(destroys).toBeLessThanOrEqual(served.length / 10 + 1);
    calls.close();
  });

  test('that is expected counts as if it waited: the one too many is refused', async () => {
    const service = createService(1, 1);
    const calls = service.controller();
    for (let count = 0; count < 4; count++) ask(service, calls, 'ann', 'soon', 600_000).catch(() => undefined);
    await service.clock.pass(2_000);
    const until = service.clock.monotonic() + PATIENCE_MS;
    const ends: (() => void)[] = [];
    const expectMany = () => {
      for (let count = 0; count < 20; count++) ends.push(calls.expect(until));
    };

    expect(expectMany).toThrow(NoTurnError);
    expect(ends.length).toBeGreaterThanOrEqual(1);
    for (const end of ends) end();
    expect(() => calls.expect(until)).not.toThrow();
    calls.close();
  });

  test('that waits when all is closed is refused, however long it would have waited', async () => {
    const service = createService(0, 0);
    const calls = service.controller();
    const waiting = ask(service, calls, 'ann', 'whenever', Number.POSITIVE_INFINITY);
    await service.clock.pass(1_000);
    calls.close();

    await expect(waiting).rejects.toBeInstanceOf(NoTurnError);
    await expect(ask(service, calls, 'ben')).rejects.toBeInstanceOf(NoTurnError);
  });
});

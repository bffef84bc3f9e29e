import { describe, expect, test } from '@jest/globals';
import { createRecordFinder } from '../../../src/workbench/cache/createRecordFinder.ts';
import { createRecordReflector } from '../../../src/workbench/cache/createRecordReflector.ts';
import { RecordStore } from '../../../src/workbench/cache/RecordStore.ts';
import type { Workbench } from '../../../src/workbench/model/Workbench.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { aWorkbench } from '../../support/records.ts';
import { testContext } from '../../support/testContext.ts';

const LATENCY_MS = 20;

/** A finder over a cloud whose every call is written down: the ids that were looked up, and `all`. */
function createWorld() {
  const clock = createFakeClock();
  const context = testContext({ clock });
  const cloud = new Map<string, Workbench>();
  const calls: string[] = [];
  const store = new RecordStore(context);
  const workbenches = {
    find: async (id: string) => {
      calls.push(id);
      await clock.sleep(LATENCY_MS);
      const found = cloud.get(id);
      if (found) store.observe(found, clock.monotonic());
      else store.observeMissing(id, clock.monotonic());
      return found;
    },
  };
  const records = {
    async *pages() {
      calls.push('all');
      const shown = [...cloud.values()];
      await clock.sleep(LATENCY_MS);
      yield shown;
    },
  };
  const reflector = createRecordReflector(records, workbenches, store, context);
  const finder = createRecordFinder(store, reflector, context);
  const make = (id: string): void => {
    cloud.set(id, { ...aWorkbench(), id });
  };
  const flood = (count: number, user = 'mallory') =>
    Array.from({ length: count }, (_, index) => finder.find(`${user}-${index}`, user));
  return { clock, calls, reflector, finder, make, flood };
}

describe('ids that are not known', () => {
  test('a thousand of one user cost five look-ups a second and a resync in three', async () => {
    const { clock, calls, flood } = createWorld();
    const answers = Promise.all(flood(1_000));
    await clock.pass(4_000);

    expect(new Set(await answers)).toEqual(new Set([undefined]));
    expect(calls.filter((call) => call === 'all').length).toBeLessThanOrEqual(2);
    expect(calls.length).toBeLessThanOrEqual(2 + 5 + 4 * 5);
  });

  test("one of another user is looked up next, however many of the flood's wait", async () => {
    const { clock, calls, reflector, finder, make, flood } = createWorld();
    // No resync is going to help soon.
    await Promise.all([reflector.resync(), clock.pass(LATENCY_MS)]);
    void Promise.all(flood(500));
    await clock.pass(100);
    make('new');
    const before = calls.length;
    const found = finder.find('new', 'ann');
    await clock.pass(1_000);

    expect(calls[before]).toBe('new');
    expect(await found).toMatchObject({ id: 'new' });
  });

  test('those without a look-up are answered by a resync that began after they had asked, and by no other', async () => {
    const { clock, calls, reflector, finder, make, flood } = createWorld();
    const resync = reflector.resync();
    void Promise.all(flood(500));
    await clock.pass(1);
    make('new');
    let answer: Workbench | undefined | 'none' = 'none';
    void finder.find('new', 'mallory').then((found) => {
      answer = found;
    });
    await clock.pass(LATENCY_MS);
    await resync;
    expect(answer).toBe('none');
    await clock.pass(4_000);

    expect(answer).toMatchObject({ id: 'new' });
    expect(calls).not.toContain('new');
  });

  test('the same one, asked for by many, is looked up once', async () => {
    const { clock, calls, finder } = createWorld();
    const answers = Promise.all(Array.from({ length: 50 }, (_, index) => finder.find('same', `user-${index}`)));
    await clock.pass(500);

    await answers;
    expect(calls.filter((call) => call === 'same')).toHaveLength(1);
  });

  test('more of one user than can wait are refused at once; another user is answered all the same', async () => {
    const { clock, finder, make, flood } = createWorld();
    make('new');
    const refused = Promise.allSettled(flood(1_200)).then((all) => all.filter(({ status }) => status === 'rejected'));
    const found = finder.find('new', 'ann');
    await clock.pass(4_000);

    expect((await refused).length).toBeGreaterThanOrEqual(190);
    expect(await found).toMatchObject({ id: 'new' });
  });

  test('while AWS fails, are answered with its failure', async () => {
    const { clock, reflector, flood } = createWorld();
    const answers = Promise.allSettled(flood(100));
    reflector.resyncs.tell({ startedAt: clock.monotonic() + 1, failure: new Error('away') });
    await clock.pass(200);

    expect((await answers).filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(90);
  });
});

import { describe, expect, test } from '@jest/globals';
import { UnavailableError } from '../../src/lib/errors.ts';
import { RecordStore } from '../../src/workbench/cache/RecordStore.ts';
import { createSignOuts } from '../../src/workbench/upkeep/createSignOuts.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { aWorkbench } from '../support/records.ts';
import { testContext } from '../support/testContext.ts';

/** A cloud that may be away, and this controller's copy of it. */
function world() {
  const clock = createFakeClock();
  const context = testContext({ clock });
  const store = new RecordStore(context);
  const written: string[] = [];
  const cloud = { away: false, syncs: 0, ageMs: 0 };
  const signOuts = createSignOuts(
    store,
    {
      ageMs: () => cloud.ageMs,
      resync: async () => {
        cloud.syncs += 1;
      },
    },
    {
      write: async (id, changes) => {
        if (cloud.away) throw new UnavailableError('away');
        written.push(`${id} ${changes.notBefore}`);
        store.written(id, changes);
        return true;
      },
    },
    context,
  );
  const show = (id: string, userId: string) => store.observe(aWorkbench({ id, userId }), clock.monotonic());
  return { clock, store, written, cloud, signOuts, show };
}

describe('a sign-out', () => {
  test('is written on each record of the user, and on nobody else’s', async () => {
    const { written, signOuts, show, store } = world();
    for (const [id, user] of [['a', 'ann'] as const, ['b', 'ann'] as const, ['c', 'bob'] as const]) show(id, user);
    await signOuts.signOut('ann', 1_000);
    await signOuts.signOut('ann', 900);
    expect(written).toEqual(['a 1000', 'b 1000']);
    expect(store.get('a')?.workbench.notBefore).toBe(1_000);
  });

  test('looks first where the copy is old', async () => {
    const { cloud, signOuts } = world();
    await signOuts.signOut('ann', 1_000);
    cloud.ageMs = 60_000;
    await signOuts.signOut('ann', 1_001);
    expect(cloud.syncs).toBe(1);
  });

  test('that AWS does not take is unavailable, and carried through once it is back', async () => {
    const { clock, written, cloud, signOuts, show } = world();
    show('a', 'ann');
    cloud.away = true;
    await expect(signOuts.signOut('ann', 1_000)).rejects.toThrow(UnavailableError);
    await clock.pass(300_000);
    await signOuts.signOut('bob', 1_000);
    cloud.away = false;
    await clock.pass(10_000);
    expect(written).toEqual(['a 1000']);
  });

  test('reaches a record that comes to be known later, for two minutes', async () => {
    const { clock, written, signOuts, show } = world();
    await signOuts.signOut('ann', 1_000);
    show('a', 'ann');
    await clock.pass(10);
    await clock.pass(180_000);
    await signOuts.signOut('bob', 1_000);
    show('b', 'ann');
    await clock.pass(10);
    expect(written).toEqual(['a 1000']);
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { callController } from '../support/callController.ts';
import { eventually } from '../support/eventually.ts';
import { isPurge, isSettled, lastingViolations, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';

let world: WatchedCloud;
let controllers: TestController[];

beforeEach(async () => {
  world = await startWatchedCloud();
  controllers = await Promise.all([1, 2, 3].map(() => startController(world.cloud.url)));
});
afterEach(async () => {
  await Promise.all(controllers.map((controller) => controller.close()));
  await world[Symbol.asyncDispose]();
});

const create = (controller: number, key: string, options: { user?: string; body?: object } = {}) =>
  callController(controllers[controller % controllers.length]?.url ?? '', 'POST', '', { key, ...options });
const records = () => world.cloud.look().accessPoints.map(({ id }) => id.slice(5));
const expectSettled = async (count: number) => {
  await eventually(() => isSettled(world.cloud) && records().length === count, Boolean);
  expect(await lastingViolations(world)).toEqual([]);
};

describe('creating with an Idempotency-Key', () => {
  test('again, from any controller, answers the same workbench, and starts no second task', async () => {
    const first = await create(0, 'key');
    const again = [await create(0, 'key'), await create(1, 'key'), await create(2, 'key')];

    expect(first.status).toBe(201);
    for (const { status, item } of again) {
      expect(status).toBe(201);
      expect(item?.workbench_id).toBe(first.item?.workbench_id);
    }
    await expectSettled(1);
    expect(world.cloud.look().tasks).toHaveLength(1);
  });

  test('again, when its workbench has been stopped since, answers that it is stopped', async () => {
    const { item: { workbench_id: id } = { workbench_id: '' } } = await create(0, 'key');
    await callController(controllers[0]?.url ?? '', 'POST', `/${id}/stop`);
    await eventually(
      async () => (await callController(controllers[0]?.url ?? '', 'GET', `/${id}`)).item?.status,
      (status) => status === 'stopped',
    );

    const again = [await create(0, 'key'), await create(1, 'key')];

    expect(again.map(({ status, item }) => [status, item?.status])).toEqual([
      [201, 'stopped'],
      [201, 'stopped'],
    ]);
  });

  test('20 times at once over three controllers makes one workbench with one task', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => create(index, 'key')));

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ item }) => item?.workbench_id)).size).toBe(1);
    await expectSettled(1);
    expect(world.cloud.look().tasks).toHaveLength(1);
  });

  test('by another user makes another workbench', async () => {
    const [one, other] = [await create(0, 'key', { user: 'ann' }), await create(0, 'key', { user: 'ben' })];

    expect([one.status, other.status]).toEqual([201, 201]);
    expect(one.item?.workbench_id).not.toBe(other.item?.workbench_id);
    await expectSettled(2);
  });

  test('with another body is refused, and changes nothing', async () => {
    await create(0, 'key', { body: { workbench_name: 'one' } });
    const other = await create(1, 'key', { body: { workbench_name: 'two' } });

    expect(other).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    await expectSettled(1);
  });

  test('with the same values in another order is the same request', async () => {
    const one = await create(0, 'key', { body: { workbench_name: 'a', requested_cpu: 256, requested_memory: 512 } });
    const same = await create(1, 'key', { body: { requested_memory: 512, workbench_name: 'a', requested_cpu: 256 } });

    expect(same).toMatchObject({ status: 201, item: { workbench_id: one.item?.workbench_id } });
  });

  test.each([
    ['empty', ''],
    ['too long', 'k'.repeat(256)],
    ['not ASCII', 'clé'],
    ['with a tab inside', 'a\tb'],
  ])('that is %s is a 400, and makes nothing', async (_case, key) => {
    expect((await create(0, key)).status).toBe(400);
    expect(records()).toEqual([]);
  });

  test.each(['k', ' !"#$~'.trim(), 'k'.repeat(255), '8e03978e-40d5-43dd-bc93-6894a57f9324'])(
    '%p is one',
    async (key) => {
      expect((await create(0, key)).status).toBe(201);
    },
  );

  test('while its workbench is being destroyed is a 409, and afterwards makes a new one', async () => {
    world.runtime.scriptPurges((_family, attempt) => (attempt === 1 ? 'hangs' : 'empties'));
    const first = await create(0, 'key');
    const id = first.item?.workbench_id ?? '';
    await callController(controllers[0]?.url ?? '', 'DELETE', `/${id}`);

    expect(await create(1, 'key')).toMatchObject({ status: 409, code: 'destroying' });
    const purge = await eventually(
      () => world.cloud.look().tasks.find((task) => isPurge(task) && task.lastStatus === 'RUNNING'),
      (task) => task !== undefined,
    );
    world.runtime.exit(purge.id);

    await eventually(records, (left) => left.length === 0);
    const second = await create(2, 'key');
    expect(second.status).toBe(201);
    expect(second.item?.workbench_id).not.toBe(id);
    await expectSettled(1);
  });

  test.each(
    ['CreateAccessPoint', 'DescribeAccessPoints', 'RegisterTaskDefinition', 'RunTask', 'efs:TagResource'].flatMap(
      (operation) => (['before', 'after'] as const).map((when) => [operation, when] as const),
    ),
  )(
    'when every answer of %s is lost %s its effect: the same key ends in one running workbench',
    async (operation, when) => {
      world.cloud.setFaults([{ operation, when, kind: 'reset', times: 6 }]);
      const first = await create(0, 'key');
      world.cloud.clearFaults();

      const again = await create(1, 'key');

      expect(again.status).toBe(201);
      if (first.item) expect(first.item.workbench_id).toBe(again.item?.workbench_id);
      await expectSettled(1);
      expect(world.cloud.look().tasks).toHaveLength(1);
    },
  );
});

describe('creating without a key', () => {
  test.each(
    ['CreateAccessPoint', 'RegisterTaskDefinition', 'RunTask', 'efs:TagResource'].flatMap((operation) =>
      (['before', 'after'] as const).map((when) => [operation, when] as const),
    ),
  )(
    'when answers of %s are lost %s the effect: what runs is in the list, and nothing else is left',
    async (operation, when) => {
      world.cloud.setFaults([{ operation, when, kind: 'reset', times: 4 }]);
      const answer = await callController(controllers[0]?.url ?? '', 'POST', '');
      world.cloud.clearFaults();

      await eventually(() => isSettled(world.cloud), Boolean);
      const listed = await eventually(
        () => callController(controllers[1]?.url ?? '', 'GET', ''),
        ({ items }) => items.length === records().length,
      );
      expect(listed.items.map(({ workbench_id: id }) => id).sort()).toEqual(records().sort());
      if (answer.status === 201) expect(records()).toEqual([answer.item?.workbench_id]);
      expect(await lastingViolations(world)).toEqual([]);
    },
  );
});

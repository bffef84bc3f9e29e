import { TagResourceCommand } from '@aws-sdk/client-efs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import request from 'supertest';
import { tagKeys } from '../../src/aws/recordTags.ts';
import { eventually } from '../support/eventually.ts';
import { startWorld, type World } from '../support/startWorld.ts';

/*
 * Whatever stands in the tags of somebody's access points: nobody else notices, and every call on them comes to an end
 * that isn't a 5xx.
 */

let world: World;
let annsId: string;
let annsTask: string;

beforeAll(async () => {
  world = await startWorld({}, { pace: { visibilityGraceMs: 300, forgottenAfterMs: 200 } });
  annsId = await create('ann');
  annsTask = taskOf(annsId);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const path = (user: string, id = '', command = '') =>
  `/workbenches${id && `/${id}`}${command && `/${command}`}?user_id=${user}`;

const taskOf = (id: string) =>
  world.cloud.look().tasks.find(({ definition }) => definition.family === `workbench-${id}`)?.id ?? '';

async function create(user: string): Promise<string> {
  const { body } = await request(world.url).post(path(user)).expect(201);
  const id: string = body.item.workbench_id;
  await eventually(
    async () => (await request(world.url).get(path(user, id))).body.item?.status,
    (status) => status === 'running',
  );
  return id;
}

async function tag(id: string, tags: Readonly<Record<string, string>>): Promise<void> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  if (Tags.length > 0) await world.efs.send(new TagResourceCommand({ ResourceId: `fsap-${id}`, Tags }));
}

/** Comes back as long as it is told to; a state that is told so for minutes has no way out. */
async function settled(call: () => request.Test): Promise<number> {
  const { status } = await eventually(
    async () => ({ status: (await call()).status }),
    (answer) => answer.status !== 503,
  );
  return status;
}

/** Where ids of tasks may stand, stands one of these; `ann`, `own` and `now` are filled in. */
const part = fc.constantFrom(
  ...['', '0', '1', '2', '-1', '1e3', '999999999', '1000000000', '9'.repeat(40), 'Infinity', 'now', '9999999999999'],
  ...['refused', 'None', 'requested', 'purging', 'OutOfMemory', 'StoppedByOperator', 'x'.repeat(31), 'ann', 'own'],
  ...['0'.repeat(32), '-'.repeat(36), 'z'.repeat(32), 'arn:aws:ecs:us-east-1:000000000000:task/default/1'],
);
const formed = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(':'));
const outcome = fc
  .tuple(fc.constantFrom('1', '2', '999999999'), part, part)
  .map((parts) => parts.join(':').slice(0, 200));
const character = fc.oneof(fc.constantFrom(...'=:+-/@. 0189AFxé漢\u3000'), fc.constantFrom('=00', '=FF', 'aws:'));
const free = fc.string({ unit: character, maxLength: 80, size: 'max' });
// `purged` is the one lie that nobody can see through: it says that no data are left.
const value = fc.oneof(formed, outcome, free).filter((text) => !text.startsWith('purged'));
const key = fc.constantFrom(
  ...Object.values(tagKeys),
  tagKeys.outcome,
  tagKeys.run,
  tagKeys.destroy,
  `${tagKeys.user}.2`,
  `${tagKeys.name}.2`,
);
const broken = fc.record({
  tags: fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 }),
  stopped: fc.boolean(),
});
type Broken = Readonly<{ tags: Record<string, string>; stopped: boolean }>;

const filledIn = (text: string, id: string): string =>
  text
    .replaceAll(/\bann\b/g, annsTask)
    .replaceAll(/\bown\b/g, taskOf(id))
    .replaceAll(/\bnow\b/g, String(Date.now()))
    .slice(0, 256);

async function annNoticesNothing(): Promise<void> {
  const { body } = await request(world.url).get(path('ann', annsId)).expect(200);
  expect(body.item).toMatchObject({ user_id: 'ann', status: 'running' });
  const list = await request(world.url).get(path('ann')).expect(200);
  expect(list.body.items).toEqual([expect.objectContaining({ workbench_id: annsId, status: 'running' })]);
  const task = world.cloud.look().tasks.find(({ id }) => id === annsTask);
  expect(task).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' });
}

async function comesToAnEnd({ tags, stopped }: Broken, user: string): Promise<void> {
  const api = () => request(world.url);
  const id = await create(user);
  const before = world.cloud.look().accessPoints.find((one) => one.id === `fsap-${id}`)?.tags ?? [];
  if (stopped) expect(await settled(() => api().post(path(user, id, 'stop')))).toBe(200);
  await tag(id, Object.fromEntries(Object.entries(tags).map(([name, text]) => [name, filledIn(text, id)])));

  const calls: (() => request.Test)[] = [
    () => api().get(path(user, id)),
    () => api().get(path(user)),
    () => api().post(path(user, id, 'start')),
    () => api().post(path(user, id, 'stop')),
    () => api().get(path(user, id)),
  ];
  for (const call of calls) {
    expect([200, 404, 409]).toContain(await settled(call));
    await annNoticesNothing();
  }
  const destroyed = await settled(() => api().delete(path(user, id)));
  expect([200, 404]).toContain(destroyed);
  // Nobody can tell whose it is, until somebody writes that down again.
  const ownerTags = before.filter(({ Key }) => Key === tagKeys.stack || Key === tagKeys.user);
  const disowned = destroyed === 404 && world.cloud.look().accessPoints.some((one) => one.id === `fsap-${id}`);
  if (disowned) {
    const empty = { [`${tagKeys.user}.2`]: '' };
    await tag(id, { ...empty, ...Object.fromEntries(ownerTags.map(({ Key, Value }) => [Key, Value])) });
    await eventually(
      () => settled(() => api().delete(path(user, id))),
      (status) => status === 200 || !world.cloud.look().accessPoints.some((one) => one.id === `fsap-${id}`),
    );
  }
  await eventually(
    () =>
      world.cloud
        .look()
        .accessPoints.filter((one) => one.id === `fsap-${id}`)
        .map(({ tags: left }) => left),
    (left) => left.length === 0,
  );
  expect(await settled(() => api().get(path(user, id)))).toBe(404);
}

test('a workbench whose owner somebody wrote over is the new one’s, in every list and for every call', async () => {
  const id = await create('old');
  await tag(id, { [tagKeys.user]: 'new' });
  const listed = async (user: string) => (await request(world.url).get(path(user))).body.items;
  const [item] = await eventually(
    () => listed('new'),
    (items) => items.length > 0,
  );
  expect(item).toMatchObject({ workbench_id: id, user_id: 'new' });
  expect(await listed('old')).toEqual([]);
  await request(world.url).get(path('old', id)).expect(404);
  await request(world.url).delete(path('new', id)).expect(200);
  expect(await listed('new')).toEqual([]);
});

test('whatever stands in a workbench’s tags, others notice nothing, and every call on it comes to an end', async () => {
  let users = 0;
  const now = (tags: Record<string, string>, stopped = false): Broken => ({ tags, stopped });
  await fc.assert(
    fc.asyncProperty(fc.array(broken, { minLength: 6, maxLength: 8 }), async (all) => {
      await Promise.all(
        all.map((one) => {
          users += 1;
          return comesToAnEnd(one, `bob-${users}`);
        }),
      );
      await annNoticesNothing();
    }),
    {
      numRuns: 5,
      endOnFailure: true,
      examples: [
        [
          [
            now({ [tagKeys.outcome]: '1:None:1700000000000' }),
            now({ [tagKeys.outcome]: '1:ann:1700000000000' }, true),
            now({ [tagKeys.outcome]: '1:ann:now' }),
            now({ [tagKeys.outcome]: '1:ann:9999999999999' }, true),
            now({ [tagKeys.destroy]: 'purging:1:1:ann:now' }),
            now({ [tagKeys.outcome]: `1:${'z'.repeat(32)}:9999999999999` }, true),
            now({ [tagKeys.run]: '999999999', [tagKeys.outcome]: '999999999:refused' }, true),
            now({ [tagKeys.name]: 'a=00', [tagKeys.user]: '=00' }),
            now({ [tagKeys.user]: '=FF', [tagKeys.destroy]: '' }),
          ],
        ],
      ],
    },
  );
});

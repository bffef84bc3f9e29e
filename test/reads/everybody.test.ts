import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startWorld, type World } from '../support/startWorld.ts';
import { aToken, inSeconds } from '../support/tokens.ts';

const KEY = 'a key for tokens that is long enough';
const OPERATOR = 'static-key';
const ofAnn = aToken({ exp: inSeconds(3600), sub: 'ann' }, KEY);

type Page = Readonly<{
  items: readonly Readonly<{ workbench_id: string; user_id: string; status: string }>[];
  next_cursor?: string;
  counts?: Readonly<Record<string, number>>;
}>;

type Answer = Page &
  Readonly<{
    item: Readonly<{ workbench_id: string }>;
    error: Readonly<{ details: readonly Readonly<{ field: string }>[] }>;
  }>;

let world: World;
/** Ids in the order of creation: three of Ann, two of Bob; the last of each is stopped. */
const made: string[] = [];

async function ask(path: string, token = OPERATOR, method = 'GET', body?: object) {
  const answer = await fetch(`${world.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: body ? JSON.stringify(body) : null,
  });
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    body: (await answer.json()) as Answer,
  };
}
const page = async (parameters: string): Promise<Page> => {
  const { status, body } = await ask(`/workbenches?all=true${parameters}`);
  expect([status, body.error]).toEqual([200, undefined]);
  return body;
};
const ids = ({ items }: Page) => items.map(({ workbench_id }) => workbench_id);

beforeAll(async () => {
  world = await startWorld({
    RESTAPI_AUTH_STATIC_KEY: OPERATOR,
    RESTAPI_AUTH_JWT_KEY: KEY,
    RESTAPI_AUTH_JWT_USER_CLAIM: 'sub',
  });
  for (const [user, name] of [
    ['ann', 'Analysis'],
    ['bob', 'Bees'],
    ['ann', 'ÄRA'],
    ['bob', 'x'],
    ['ann', 'last'],
  ]) {
    const { body } = await ask(`/workbenches?user_id=${user}`, OPERATOR, 'POST', { workbench_name: name });
    made.push(body.item.workbench_id);
  }
  for (const index of [3, 4]) {
    const user = index === 3 ? 'bob' : 'ann';
    await ask(`/workbenches/${made[index]}/stop?user_id=${user}`, OPERATOR, 'POST');
  }
  await eventually(
    async () => (await ask('/workbenches?all=true')).body.counts,
    (counts) => counts?.running === 3 && counts.stopped === 2,
  );
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe('an operator', () => {
  test('sees the workbenches of all users, oldest first, and how many have each status', async () => {
    const all = await page('');
    expect(ids(all)).toEqual(made);
    expect([all.counts, all.next_cursor]).toEqual([{ running: 3, stopped: 2 }, undefined]);
  });

  test('reads them page by page, with the counts on the first alone', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    const counted: boolean[] = [];
    do {
      const one = await page(`&limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...ids(one));
      counted.push(one.counts !== undefined);
      cursor = one.next_cursor;
    } while (cursor);
    expect(seen).toEqual(made);
    expect(counted).toEqual([true, false, false]);
  });

  test.each([
    ['&user_id=bob', [1, 3]],
    ['&status=stopped', [3, 4]],
    ['&status=stopped&user_id=ann', [4]],
    ['&status=destroying', []],
    ['&q=BEES', [1]],
    ['&q=%C3%A4ra', [2]],
    ['&q=bob', [1, 3]],
    ['&q=nothing', []],
  ])('finds with %s those alone', async (parameters, indexes) => {
    expect(ids(await page(parameters))).toEqual(indexes.map((index) => made[index]));
  });

  test('finds by a part of the id', async () => {
    expect(ids(await page(`&q=${made[2]?.toUpperCase()}`))).toEqual([made[2]]);
  });

  test('goes on after a page although its last has been destroyed since, and finds it by its status', async () => {
    const { item } = (await ask('/workbenches?user_id=carl', OPERATOR, 'POST')).body;
    const later = (await ask('/workbenches?user_id=carl', OPERATOR, 'POST')).body.item;
    const first = await page('&user_id=carl&limit=1');
    await ask(`/workbenches/${item.workbench_id}?user_id=carl`, OPERATOR, 'DELETE');
    expect(ids(await page(`&user_id=carl&limit=1&cursor=${first.next_cursor}`))).toEqual([later.workbench_id]);
    await ask(`/workbenches/${later.workbench_id}?user_id=carl`, OPERATOR, 'DELETE');
    await eventually(
      () => page('&user_id=carl&status=destroying'),
      (one) => one.items.length === 0,
    );
  });

  test.each([
    ['all=true&cursor=x', 'cursor'],
    ['all=true&limit=0', 'limit'],
    ['all=true&limit=1001', 'limit'],
    ['all=true&status=1', 'status'],
    ['all=true&q=', 'q'],
    ['all=yes&user_id=ann', 'all'],
    ['user_id=ann&limit=5', 'limit'],
    ['user_id=ann&all=false&q=x', 'q'],
  ])('is told of %s what is wrong', async (query, field) => {
    const { status, body } = await ask(`/workbenches?${query}`);
    expect([status, body.error.details.map(({ field: at }) => at)]).toEqual([400, [field]]);
  });

  test('can’t use a cursor with other filters', async () => {
    const { next_cursor } = await page('&limit=1');
    const { status, body } = await ask(`/workbenches?all=true&status=running&cursor=${next_cursor}`);
    expect([status, body.error.details[0]?.field]).toEqual([400, 'cursor']);
  });
});

test('whoever acts for one user may not ask for all', async () => {
  expect((await ask('/workbenches?all=true', ofAnn)).status).toBe(403);
  expect((await ask('/workbenches?all=true&user_id=ann', ofAnn)).status).toBe(403);
  expect((await ask('/workbenches', ofAnn)).body.items).toHaveLength(3);
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { type EventReader, readEvents } from '../support/readEvents.ts';
import { startWorld, type World } from '../support/startWorld.ts';
import { aToken, inSeconds } from '../support/tokens.ts';

const KEY = 'a key for tokens that is long enough';
const OPERATOR = 'static-key';
const tokenOf = (sub: string, exp = inSeconds(3600)) => aToken({ exp, sub }, KEY);

let world: World;

beforeAll(async () => {
  world = await startWorld({
    RESTAPI_AUTH_STATIC_KEY: OPERATOR,
    RESTAPI_AUTH_JWT_KEY: KEY,
    RESTAPI_AUTH_JWT_USER_CLAIM: 'sub',
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const open = (token: string, query = '') =>
  readEvents(`${world.url}/events${query}`, { Authorization: `Bearer ${token}` });

async function call(token: string, method: string, path = ''): Promise<string> {
  const answer = await fetch(`${world.url}/workbenches${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}` },
  });
  return ((await answer.json()) as { item: { workbench_id: string } }).item.workbench_id;
}

/** What is heard until the workbench is gone: `<user> <status>` or `<event>`, each with the id. */
async function hearUntilGone(stream: EventReader, id: string): Promise<readonly string[]> {
  const heard: string[] = [];
  for (;;) {
    const event = await stream.next();
    if (!event) return [...heard, 'the stream ended'];
    const data = event.data as { workbench_id: string; user_id?: string; status?: string };
    heard.push(event.event ?? `${data.user_id} ${data.status}`);
    if (event.event === 'gone' && data.workbench_id === id) return heard;
  }
}

test('each hears of what it may see alone: created, changed and gone, after a word that it listens', async () => {
  const before = await call(tokenOf('ann'), 'POST');
  const ann = await open(tokenOf('ann'));
  const everybody = await open(OPERATOR, '?all=true');
  expect(ann.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect([(await ann.next())?.event, (await everybody.next())?.event]).toEqual(['ready', 'ready']);

  const ofBob = await call(tokenOf('bob'), 'POST');
  await call(tokenOf('bob'), 'DELETE', `/${ofBob}`);
  const ofBobs = await hearUntilGone(everybody, ofBob);
  expect(ofBobs).toEqual(expect.arrayContaining(['bob starting', 'bob destroying', 'gone']));

  await call(tokenOf('ann'), 'DELETE', `/${before}`);
  const ofAnns = await hearUntilGone(ann, before);
  expect(ofAnns).toEqual(expect.arrayContaining(['ann destroying', 'gone']));
  expect(ofAnns.filter((heard) => heard.startsWith('bob'))).toEqual([]);
  expect(ofAnns.filter((heard) => heard === 'gone')).toHaveLength(1);
  ann.abort();
  everybody.abort();
});

test('a change that ECS alone makes is heard, although nobody polls', async () => {
  const id = await call(tokenOf('carl'), 'POST');
  const carl = await open(tokenOf('carl'));
  let status: string | undefined;
  const heard = async (wanted: string) => {
    while (status !== wanted) status = ((await carl.next())?.data as { status?: string } | undefined)?.status;
  };
  await eventually(
    async () => {
      const answer = await fetch(`${world.url}/workbenches/${id}`, {
        headers: { Authorization: `Bearer ${tokenOf('carl')}` },
      });
      return ((await answer.json()) as { item: { status: string } }).item.status;
    },
    (shown) => shown === 'running',
  );
  const task = world.cloud.look().tasks.find(({ lastStatus, group }) => lastStatus === 'RUNNING' && group.includes(id));
  world.runtime.exit(task?.id ?? '');
  await heard('stopped');
  carl.abort();
});

test('the stream ends when its token does, and so does that of one workbench', async () => {
  const id = await call(tokenOf('ann'), 'POST');
  const token = tokenOf('ann', inSeconds(2));
  const ofOne = await readEvents(`${world.url}/workbenches/${id}/events`, { Authorization: `Bearer ${token}` });
  const stream = await open(token);
  expect((await ofOne.next())?.data).toMatchObject({ workbench_id: id });
  expect((await stream.next())?.event).toBe('ready');
  while (await stream.next());
  while (await ofOne.next());
});

test('whoever acts for one user may not listen to all', async () => {
  expect((await open(tokenOf('ann'), '?all=true')).status).toBe(403);
});

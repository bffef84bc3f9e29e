import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { createBrowser } from '../support/Browser.ts';
import { eventually } from '../support/eventually.ts';
import { KEY, startWorkbenches, type Workbenches } from '../support/startWorkbenches.ts';

const page = { accept: 'text/html,*/*', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };

let world: Workbenches;
let ann: string;
let bobs: string;
/** Ann's cookie at her own workbench. */
let cookie: string;

beforeAll(async () => {
  // Nobody is looked at again but for a reason.
  world = await startWorkbenches({}, { lookEveryMs: 3_600_000 });
  [ann, bobs] = [await world.create('ann'), await world.create('bob')];
  cookie = await enter(ann, 'ann');
});
afterAll(async () => await world[Symbol.asyncDispose]());

const at = (path: string) => `${world.url}/project/${ann}${path}`;
const none = '0123456789abcdef0';

async function ticketUrl(wid: string, user: string, path?: string): Promise<URL> {
  const { item } = await world.open(wid, user, path === undefined ? undefined : { path });
  const url = new URL(String(item['url']));
  return new URL(`${url.pathname}${url.search}`, world.url);
}

/** @returns the Cookie header of a browser that has opened it */
async function enter(wid: string, user: string): Promise<string> {
  const response = await get((await ticketUrl(wid, user)).href, page);
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}

/** Not by fetch, which says by itself what `Sec-Fetch-Mode` is. */
async function get(url: string, headers: Record<string, string> = {}, method = 'GET', body?: URLSearchParams) {
  const form = body ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  const asking = request(url, { method, headers: { ...headers, ...form }, agent: false });
  asking.end(body?.toString());
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const text = String(Buffer.concat(await answer.toArray()));
  const own = new Headers(
    answer.rawHeaders.flatMap((name, at, all) => (at % 2 ? [] : [[name, all[at + 1] ?? '']])) as [string, string][],
  );
  return { status: answer.statusCode, headers: own, text: text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '') };
}

/** The answer to an upgrade: 101 or a refusal. */
async function upgrade(wid: string, headers: Record<string, string>) {
  const { port } = new URL(world.url);
  const opening = request({
    host: '127.0.0.1',
    port,
    path: `/project/${wid}/ws`,
    agent: false,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  });
  opening.end();
  const [answer, socket] = (await Promise.race([once(opening, 'upgrade'), once(opening, 'response')])) as [
    IncomingMessage,
    import('node:net').Socket,
  ];
  socket?.destroy?.();
  answer.resume();
  return answer.statusCode;
}

describe('a frontend with a static key', () => {
  test('opens a workbench for its user: the browser is in, by HTTP and websocket', async () => {
    const browser = createBrowser();
    const { status, item } = await world.open(ann, 'ann', { path: '/lab?x=1#top' });
    const url = await ticketUrl(ann, 'ann', '/lab?x=1');

    const { response } = await browser.follow(url, () => false, { headers: page });
    const socket = new WebSocket(`${at('/ws').replace('http', 'ws')}`, { headers: { cookie, origin: world.url } });
    await once(socket, 'open');
    socket.send('hello');
    const [answer] = await once(socket, 'message');
    socket.close();

    expect(status).toBe(200);
    expect(item['url']).toMatch(
      new RegExp(`^http://localhost:\\d+/project/${ann}/\\.workbench/enter\\?t=.+&next=%2Flab`),
    );
    const lasts = Date.parse(String(item['expires_at'])) - Date.now();
    expect(lasts > 0 && lasts <= 60_000).toBe(true);
    expect([response.status, await response.text()]).toEqual([200, `the application at /project/${ann}/lab?x=1`]);
    expect(String(answer)).toBe('heard hello');
  });

  test('has to say a path of that workbench, and may open only what is there and stays', async () => {
    for (const path of ['//evil.example', 'https:evil', '/\\evil', 7, '/.workbench/enter']) {
      const collapsed = path === '//evil.example' || path === '/\\evil';
      expect([path, (await world.open(ann, 'ann', { path })).status]).toEqual([path, collapsed ? 200 : 400]);
    }
    expect((await world.open(ann, 'ann', { other: 1 })).status).toBe(400);
    expect((await world.open(ann, 'bob')).status).toBe(404);
    expect((await world.open(none, 'ann')).status).toBe(404);
    expect((await world.call('POST', `/workbenches/${ann}/open?user_id=ann`, undefined, '')).status).toBe(401);
  });
});

describe('a visitor without a right', () => {
  test('without a session learns nothing of what is there: a page to people, 401 to programs, the same for any id', async () => {
    for (const wid of [ann, none, bobs]) {
      const asPerson = await get(`${world.url}/project/${wid}/`, page);
      const asProgram = await get(`${world.url}/project/${wid}/`);
      expect([asPerson.status, asPerson.text]).toEqual([401, expect.stringContaining('Open it from your application')]);
      expect([asProgram.status, JSON.parse(asProgram.text).error.code]).toEqual([401, 'unauthenticated']);
      expect(asPerson.text).toBe((await get(at('/'), page)).text);
      expect(asPerson.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  test('gets the same 404 for Ann’s workbench, as Bob, as for none', async () => {
    // Signed for Ann's workbench but in Bob's name: as if it had changed hands.
    const { item } = await world.open(bobs, 'bob');
    const { createSigned } = await import('../../src/access/signed/createSigned.ts');
    const { sessionClaims } = await import('../../src/access/signed/claims.ts');
    const secrets = ['the-secret-of-the-tests-as-long-as-it-needs'];
    const sessions = createSigned({ kind: 'session', secrets, claims: sessionClaims, clock: Date });
    const now = Math.floor(Date.now() / 1000);
    const bobAt = (wid: string) =>
      `wb_${wid}=${sessions.sign({ wid, user: 'bob', auth_time: now, iat: now, exp: now + 60 })}`;

    const theirs = await get(at('/'), { cookie: bobAt(ann), ...page });
    const nobodys = await get(`${world.url}/project/${none}/`, { cookie: bobAt(none), ...page });

    expect(item['url']).toBeDefined();
    expect([theirs.status, theirs.text]).toEqual([404, nobodys.text]);
    expect(nobodys.status).toBe(404);
    expect(await get(at('/'), { cookie: bobAt(bobs).replace(bobs, ann) })).toMatchObject({ status: 401 });
  });

  test('reaches no task by a websocket: without a cookie, from elsewhere, from nowhere', async () => {
    const before = world.seen.length;
    expect(await upgrade(ann, { origin: world.url })).toBe(401);
    for (const origin of ['https://evil.example', 'null', 'http://w.localhost', `${world.url}.evil.com`]) {
      expect([origin, await upgrade(ann, { cookie, origin })]).toEqual([origin, 403]);
    }
    expect(await upgrade(ann, { cookie })).toBe(403);
    expect(world.seen.length).toBe(before);
    expect(await upgrade(ann, { cookie, origin: world.url })).toBe(101);
  });

  test('is refused where a page of another site asks, and let in where it only links', async () => {
    const foreign = { cookie, 'sec-fetch-site': 'cross-site' };
    expect((await get(at('/'), { ...foreign, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })).status).toBe(
      403,
    );
    expect((await get(at('/'), { ...foreign, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).status).toBe(
      403,
    );
    expect((await get(at('/'), { cookie, origin: 'https://evil.example' }, 'POST')).status).toBe(403);
    expect((await get(at('/'), { cookie }, 'POST')).status).toBe(403);
    const link = { ...foreign, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await get(at('/'), link)).status).toBe(200);
  });
});

describe('a ticket', () => {
  test('serves once, at its workbench, as it was made', async () => {
    const url = await ticketUrl(ann, 'ann');
    const ticket = url.searchParams.get('t') ?? '';
    const enterAt = (wid: string, t: string) =>
      get(`${world.url}/project/${wid}/.workbench/enter?t=${encodeURIComponent(t)}&next=/`, page);

    expect((await enterAt(bobs, ticket)).status).toBe(403);
    expect((await enterAt(ann, `${ticket.slice(0, -2)}AA`)).status).toBe(403);
    expect((await enterAt(ann, '')).status).toBe(403);
    expect((await get(url.href, { ...page, 'sec-purpose': 'prefetch' })).status).toBe(403);
    expect((await get(url.href, { 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await enterAt(ann, ticket)).status).toBe(303);
    expect((await enterAt(ann, ticket)).status).toBe(403);
  });

  test('of another time, kind or key is none', async () => {
    const { createSigned } = await import('../../src/access/signed/createSigned.ts');
    const { ticketClaims } = await import('../../src/access/signed/claims.ts');
    const ours = 'the-secret-of-the-tests-as-long-as-it-needs';
    const now = Math.floor(Date.now() / 1000);
    // With all that either kind says.
    const all = { wid: ann, user: 'ann', auth_time: now, iat: now, exp: now + 60 };
    const signed = (kind: 'ticket' | 'session', changes: object = {}, secret = ours) =>
      createSigned({ kind, secrets: [secret], claims: ticketClaims, clock: Date }).sign({
        ...{ ...all, id: Math.random().toString() },
        ...changes,
      });
    const enter = async (t: string) => (await get(at(`/.workbench/enter?${new URLSearchParams({ t })}`), page)).status;
    const visit = async (value: string) => (await get(at('/'), { cookie: `wb_${ann}=${value}` })).status;

    expect([await enter(signed('ticket')), await visit(signed('session'))]).toEqual([303, 200]);
    expect([await enter(signed('session')), await visit(signed('ticket'))]).toEqual([403, 401]);
    const over = { exp: now - 1 };
    expect([await enter(signed('ticket', over)), await visit(signed('session', over))]).toEqual([403, 401]);
    const removed = 'a-secret-that-was-taken-away-some-time-ago-';
    expect([await enter(signed('ticket', {}, removed)), await visit(signed('session', {}, removed))]).toEqual([
      403, 401,
    ]);
  });

  test('for somebody else than who is signed in asks first, on a page that nobody frames', async () => {
    const url = await ticketUrl(ann, 'ann', '/lab');
    const { createSigned } = await import('../../src/access/signed/createSigned.ts');
    const { sessionClaims } = await import('../../src/access/signed/claims.ts');
    const secrets = ['the-secret-of-the-tests-as-long-as-it-needs'];
    const now = Math.floor(Date.now() / 1000);
    const eve = createSigned({ kind: 'session', secrets, claims: sessionClaims, clock: Date }).sign({
      ...{ wid: ann, user: 'eve', auth_time: now, iat: now, exp: now + 60 },
    });
    const signedIn = { ...page, cookie: `wb_${ann}=${eve}` };

    const asked = await get(url.href, signedIn);
    const form = new URLSearchParams({ t: url.searchParams.get('t') ?? '', next: '/lab' });
    const enterUrl = at('/.workbench/enter');
    const fromElsewhere = await get(enterUrl, { ...signedIn, origin: 'https://evil.example' }, 'POST', form);
    const confirmed = await get(enterUrl, { ...signedIn, origin: world.url }, 'POST', form);

    expect([asked.status, asked.text]).toEqual([409, expect.stringMatching(/signed in to this workbench as eve/)]);
    expect(asked.headers.get('content-security-policy')).toMatch(/form-action 'self'; frame-ancestors 'none'/);
    expect(asked.headers.get('referrer-policy')).toBe('strict-origin');
    expect(asked.headers.getSetCookie()).toEqual([]);
    expect(fromElsewhere.status).toBe(403);
    expect([confirmed.status, confirmed.headers.get('location')]).toEqual([303, `/project/${ann}/lab`]);
  });
});

test('our own paths at a workbench say which methods they take', async () => {
  const refused = await Promise.all(
    ['enter', 'start'].map(async (path) => {
      const { status, headers } = await get(at(`/.workbench/${path}`), {}, 'PUT');
      return [path, status, headers.get('allow')];
    }),
  );
  expect(refused).toEqual([
    ['enter', 405, 'GET, POST'],
    ['start', 405, 'POST'],
  ]);
});

describe('the task', () => {
  test('sees who it is, and nothing of ours', async () => {
    const mixed = `app=1; ${cookie}; app=2; AWSELBAuthSessionCookie-0=x`;
    await get(at('/seen'), {
      cookie: mixed,
      'x-forwarded-user': 'root',
      'x-workbench-user': 'root',
      authorization: 'Basic b',
    });
    const { headers } = world.seen.at(-1) ?? {};
    expect(headers).toMatchObject({ cookie: 'app=1; app=2', 'x-workbench-user': 'ann', authorization: 'Basic b' });
    expect(headers).not.toHaveProperty('x-forwarded-user');

    await get(at('/seen'), { authorization: `Bearer ${KEY}` });
    expect(world.seen.at(-1)?.headers).not.toHaveProperty('authorization');
  });

  test('sets cookies of its own at its own path, and clears nothing', async () => {
    const { headers } = await get(at('/'), { cookie });
    expect(headers.getSetCookie()).toEqual([`app=1; Path=/project/${ann}/`]);
    expect(headers.has('clear-site-data')).toBe(false);
    expect(headers.get('content-security-policy')).toBe("frame-ancestors 'self'");
  });
});

test('a stopped workbench has a button that starts it, for its owner alone', async () => {
  const wid = await world.create('ann');
  const own = await enter(wid, 'ann');
  await world.call('POST', `/workbenches/${wid}/stop?user_id=ann`);
  const url = `${world.url}/project/${wid}/`;
  const stopped = await eventually(
    () => get(`${url}lab`, { ...page, cookie: own }),
    ({ text }) => text.includes('Start it'),
  );
  const start = `${url}.workbench/start`;
  const form = new URLSearchParams({ next: '/lab' });

  expect((await get(start, { cookie: own, origin: 'https://evil.example' }, 'POST', form)).status).toBe(403);
  expect((await get(start, { origin: world.url }, 'POST', form)).status).toBe(401);
  const started = await get(start, { cookie: own, origin: world.url }, 'POST', form);

  expect(stopped.status).toBe(409);
  expect([started.status, started.headers.get('location')]).toEqual([303, `/project/${wid}/lab`]);
  await eventually(
    () => get(url, { cookie: own }),
    ({ status }) => status === 200,
  );
});

test('a workbench that is destroyed has nobody in it any more', async () => {
  const wid = await world.create('ann');
  const own = await enter(wid, 'ann');
  const socket = new WebSocket(`${world.url}/project/${wid}/ws`.replace('http', 'ws'), {
    headers: { cookie: own, origin: world.url },
  });
  await once(socket, 'open');

  // The application of these tests ends with no task, and this workbench is never quite gone: only the gateway can cut it.
  world.runtime.scriptPurges((family) => (family.endsWith(wid) ? 'hangs' : 'empties'));
  const cut = once(socket, 'close');
  await world.call('DELETE', `/workbenches/${wid}?user_id=ann`);
  await cut;

  expect([409, 404]).toContain((await world.open(wid, 'ann')).status);
});

test('too many cookies are cleared by the answer that refuses them', async () => {
  const { port } = new URL(world.url);
  const asking = request({
    host: '127.0.0.1',
    port,
    path: `/project/${ann}/`,
    headers: { cookie: 'x'.repeat(20_000) },
  });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.resume();
  expect([answer.statusCode, answer.headers['clear-site-data']]).toEqual([431, '"cookies"']);
});

test('each entry and each refusal is one line, and no ticket, cookie or key is in any', async () => {
  const lines = world.log.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'entered', user: 'ann', workbench_id: ann, rule: 'ticket' }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'refused', user: 'bob', workbench_id: ann, rule: 'not-the-owner' }),
  );
  expect(lines).toContainEqual(expect.objectContaining({ msg: 'refused', workbench_id: ann, rule: 'ticket-used' }));
  const all = world.log.join('');
  const value = cookie.split('=')[1] ?? '';
  expect(value.length).toBeGreaterThan(50);
  expect([all.includes(value), all.includes(KEY), /eyJ[\w-]{40}/.test(all)]).toEqual([false, false, false]);
});

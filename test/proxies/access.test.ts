import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import WebSocket from 'ws';
import { eventually } from '../support/eventually.ts';
import { KEY, startWorkbenches, type Workbenches } from '../support/startWorkbenches.ts';
import { hostileApplication } from './hostileApplication.ts';
import { freePort, type ProxyName, type RunningProxy, type Shape, startProxy } from './startProxy.ts';

const JWT_KEY = 'a key of the tests, with more than 32 characters';
const person = {
  accept: 'text/html,*/*',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'none',
  'sec-fetch-dest': 'document',
};
const none = '0123456789abcdef0';

type Mode = 'a host each' | 'a path each';
const all = (['nginx', 'caddy'] as const).flatMap((name) =>
  (['balancer', 'direct'] as const).flatMap((shape) =>
    (['a host each', 'a path each'] as const).map((mode): [ProxyName, Shape, Mode] => [name, shape, mode]),
  ),
);

describe.each(all)('through %s as %s, workbenches with %s', (name, shape, mode) => {
  let port: number;
  let proxy: RunningProxy;
  let world: Workbenches;
  let ann: string;
  let bobs: string;
  let cookie: string;
  const bob = { authorization: `Bearer ${jsonwebtoken.sign({ sub: 'bob' }, JWT_KEY, { expiresIn: '1h' })}` };

  beforeAll(async () => {
    port = await freePort();
    world = await startWorkbenches(
      {
        WB_GATEWAY: shape === 'direct' ? 'off' : 'builtin',
        WB_TRUSTED_PROXIES: '127.0.0.1',
        WB_BASE_URL:
          mode === 'a host each' ? `https://{wid}.wb.example.net:${port}` : `https://cloud.example.net:${port}/project`,
        RESTAPI_AUTH_JWT_KEY: JWT_KEY,
        RESTAPI_AUTH_JWT_USER_CLAIM: 'sub',
      },
      {},
      hostileApplication,
    );
    proxy = await startProxy(name, shape, { port, controllers: [new URL(world.url).host] });
    [ann, bobs] = [await world.create('ann'), await world.create('bob')];
    cookie = await enter(ann, 'ann');
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  const endpoint = (wid: string) =>
    mode === 'a host each'
      ? `https://${wid}.wb.example.net:${port}`
      : `https://cloud.example.net:${port}/project/${wid}`;
  const originOf = (wid: string) => new URL(endpoint(wid)).origin;

  async function begin(url: string, headers: Record<string, string> = {}, method = 'GET', body?: string) {
    const [, host = '', path = ''] = /^https:\/\/([^/]+)(.*)$/.exec(url) ?? [];
    const asking = request({
      ...{ host: '127.0.0.1', port, servername: host.replace(/:\d+$/, ''), rejectUnauthorized: false, agent: false },
      ...{ path, method, headers: { ...headers, host } },
    });
    asking.end(body);
    const [answer] = (await Promise.race([once(asking, 'response'), once(asking, 'upgrade')])) as [IncomingMessage];
    return answer;
  }

  async function send(...asked: Parameters<typeof begin>) {
    const answer = await begin(...asked);
    const text = String(Buffer.concat(await answer.toArray()));
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ''),
    };
  }

  /** By the proxy alone, as a browser does: the link, the cookie, the page. */
  async function enter(wid: string, user: string): Promise<string> {
    const { item } = await world.open(wid, user, { path: '/lab' });
    const entered = await send(String(item['url']), person);
    expect([entered.status, entered.headers.location]).toEqual([
      303,
      `${new URL(endpoint(wid)).pathname.replace(/\/$/, '')}/lab`,
    ]);
    return String(entered.headers['set-cookie']).split(';')[0] ?? '';
  }

  /** @returns the answer to a websocket's opening: 101 or a refusal */
  async function upgrade(headers: Record<string, string>): Promise<number | undefined> {
    const answer = await begin(`${endpoint(ann)}/ws`, {
      ...{ Connection: 'Upgrade', Upgrade: 'websocket' },
      ...{ 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' },
      ...headers,
    });
    answer.socket.destroy();
    return answer.statusCode;
  }

  test('a link lets its user in, to the page and by websocket', async () => {
    expect(await send(`${endpoint(ann)}/lab?x=1`, { ...person, cookie })).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^the application at .*\/lab\?x=1$/),
    });
    const { host } = new URL(endpoint(ann));
    const socket = new WebSocket(`wss://127.0.0.1:${port}${new URL(endpoint(ann)).pathname.replace(/\/$/, '')}/ws`, {
      ...{ rejectUnauthorized: false, servername: host.replace(/:\d+$/, '') },
      headers: { host, cookie, origin: originOf(ann) },
    });
    await once(socket, 'open');
    socket.send('hello');
    const [answer] = await once(socket, 'message');
    socket.close();
    expect(String(answer)).toBe('heard hello');
  });

  test('without a session, people get a page and programs 401, the same for any id', async () => {
    const first = await send(`${endpoint(ann)}/`, person);
    for (const wid of [ann, bobs, none]) {
      const asPerson = await send(`${endpoint(wid)}/`, person);
      const asProgram = await send(`${endpoint(wid)}/`);
      expect([asPerson.status, asPerson.text]).toEqual([401, first.text]);
      expect(asPerson.text).toContain('Open it from your application');
      expect([asProgram.status, JSON.parse(asProgram.text).error.code]).toEqual([401, 'unauthenticated']);
      expect(await upgrade({ origin: originOf(ann) })).toBe(401);
    }
  });

  test('another’s workbench is the same 404 as none', async () => {
    const theirs = await send(`${endpoint(ann)}/`, { ...person, ...bob });
    const nobodys = await send(`${endpoint(none)}/`, { ...person, ...bob });
    expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    expect(theirs.text).toBe(nobodys.text);
    expect((await send(`${endpoint(bobs)}/`, { cookie })).status).toBe(401);
    expect((await send(`${endpoint(bobs)}/`, bob)).status).toBe(200);
  });

  test('pages of other sites get nothing, by request or websocket', async () => {
    const before = world.seen.length;
    for (const origin of ['https://evil.example', 'null', 'https://wb.example.net', `${originOf(ann)}.evil.com`]) {
      expect([origin, await upgrade({ cookie, origin })]).toEqual([origin, 403]);
      expect((await send(`${endpoint(ann)}/`, { cookie, origin }, 'POST', 'x')).status).toBe(403);
    }
    expect(await upgrade({ cookie })).toBe(403);
    expect(
      (await send(`${endpoint(ann)}/`, { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status,
    ).toBe(403);
    expect(world.seen.length).toBe(before);
    expect(await upgrade({ cookie, origin: originOf(ann) })).toBe(101);
    expect(await send(`${endpoint(ann)}/`, { cookie, origin: originOf(ann) }, 'POST', 'a body')).toMatchObject({
      ...{ status: 200, text: 'a body' },
    });
  });

  test('the task is told who it is, and nothing of ours or of strangers', async () => {
    await send(`${endpoint(ann)}/seen`, {
      cookie: `app=1; ${cookie}; app=2`,
      authorization: 'Basic b',
      ...{ 'x-workbench-user': 'root', 'x-forwarded-user': 'root', 'x-amzn-oidc-data': 'root', 'remote-user': 'root' },
      ...{ x_forwarded_user: 'root', 'x-auth-request-email': 'root', 'x-real-ip': '1.2.3.4' },
      ...{ 'x-forwarded-for': '1.2.3.4', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher' },
      ...{ 'x-original-uri': '/evil', 'x-forwarded-uri': '/evil', 'x-workbench-upstream': '1.2.3.4:80' },
    });
    const { headers } = world.seen.at(-1) ?? {};
    const { host } = new URL(endpoint(ann));
    expect(headers).toMatchObject({
      ...{ host, cookie: 'app=1; app=2', authorization: 'Basic b', 'x-workbench-user': 'ann' },
      ...{ 'x-forwarded-host': host, 'x-forwarded-proto': 'https' },
    });
    expect(JSON.stringify(headers)).not.toMatch(/root|evil|1\.2\.3\.4|x-workbench-(?!user)|x-original|x-forwarded-uri/);

    await send(`${endpoint(ann)}/seen`, { authorization: `Bearer ${KEY}` });
    const byToken = world.seen.at(-1)?.headers ?? {};
    expect([byToken.authorization ?? '', byToken.cookie ?? '']).toEqual(['', '']);
  });

  test('whatever a client says that proxies would say, the verdict is on what it asks for', async () => {
    const { host, pathname } = new URL(`${endpoint(ann)}/`);
    const families = ['x-original', 'x-forwarded'].map((family) => ({
      [`${family}-method`]: 'GET',
      [`${family}-uri`]: pathname,
      [`${family}-host`]: host,
    }));
    const api =
      shape === 'direct' && mode === 'a host each'
        ? `https://api.example.net:${port}`
        : `https://cloud.example.net:${port}`;
    for (const family of families) {
      expect((await send(`${endpoint(bobs)}/`, { cookie, ...family })).status).toBe(401);
      expect(
        (await send(`${endpoint(ann)}/`, { cookie, ...family, origin: 'https://evil.example' }, 'POST')).status,
      ).toBe(403);
      const asked = await send(`${api}/auth/check`, { authorization: `Bearer ${KEY}`, ...family });
      expect([asked.status, Object.keys(asked.headers).filter((header) => header.startsWith('x-workbench'))]).toEqual([
        403,
        [],
      ]);
    }
  });

  test('the path is the task’s as it came, and decides by its letters alone', async () => {
    for (const path of ['/a%2Fb/%23?q=%20', '/x//y', '/a;b=c/@d']) {
      expect([path, (await send(`${endpoint(ann)}${path}`, { cookie })).status]).toEqual([path, 200]);
      expect(world.seen.at(-1)?.url.endsWith(path)).toBe(true);
    }
    const before = world.seen.length;
    if (mode === 'a path each') {
      const root = `https://cloud.example.net:${port}`;
      const ways = [
        `/project/${bobs}/../${ann}/`,
        `/x/../project/${ann}/`,
        `//project/${ann}/`,
        `/project/${ann}%2f`,
        `/project/${ann}%0a`,
      ];
      for (const way of [...ways, `/%70roject/${ann}/`, `/project/${bobs}/%2e%2e/${ann}/`]) {
        const { status = 0 } = await send(`${root}${way}`, { cookie });
        expect([way, [400, 401, 403, 404].includes(status)]).toEqual([way, true]);
      }
      expect((await send(`${root}/project/${ann}?x=1`, person)).headers.location).toMatch(
        new RegExp(`/project/${ann}/\\?x=1$`),
      );
    }
    expect(world.seen.length).toBe(before);
  });

  test.each(['/', '/status/404', '/status/500', '/status/304'])(
    'of its answer at %s, nothing is for other hosts',
    async (path) => {
      const { headers } = await send(`${endpoint(ann)}${path}`, { cookie });
      const cookies = headers['set-cookie']?.join('\n') ?? '';
      expect(cookies).toContain('app=1');
      expect(cookies).not.toMatch(/domain=[^;\s]/i);
      expect([headers['clear-site-data'], headers['strict-transport-security'], headers['x-accel-redirect']]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(headers['cache-control']).toMatch(/private|no-store/);
      expect(headers['cache-control']).not.toMatch(/public/);
      expect(String(headers['content-security-policy'])).toContain("frame-ancestors 'self'");
      if (mode === 'a path each') {
        expect(cookies).not.toMatch(/path=\/(;|$)/im);
        expect(headers['service-worker-allowed']).toBeUndefined();
      }
      // nginx can't tell cookies apart by their names: docs/proxies.md says so.
      if (!(name === 'nginx' && shape === 'direct')) expect(cookies).not.toContain('forged');
    },
  );

  test('long answers come as they are made, and large ones whole', async () => {
    const stream = await begin(`${endpoint(ann)}/stream`, { cookie });
    const [first] = await once(stream, 'data');
    stream.destroy();
    expect(String(first)).toBe('data: first\n\n');
    expect((await send(`${endpoint(ann)}/large`, { cookie })).text.length).toBe(5 << 20);
  });

  test('a stopped workbench is a page that says so, to its owner alone', async () => {
    const wid = await world.create('ann');
    const own = await enter(wid, 'ann');
    await world.call('POST', `/workbenches/${wid}/stop?user_id=ann`);
    const stopped = await eventually(
      () => send(`${endpoint(wid)}/lab`, { ...person, cookie: own }),
      ({ text }) => text.includes('Start it'),
    );
    expect([stopped.status, stopped.text]).toEqual([409, expect.stringContaining('value="/lab"')]);
    expect((await send(`${endpoint(wid)}/lab`, person)).status).toBe(401);
    const form = { cookie: own, origin: originOf(wid), 'content-type': 'application/x-www-form-urlencoded' };
    const started = await send(`${endpoint(wid)}/.workbench/start`, form, 'POST', 'next=%2Flab');
    expect([started.status, started.headers.location?.endsWith('/lab')]).toEqual([303, true]);
    await eventually(
      () => send(`${endpoint(wid)}/`, { cookie: own }),
      ({ status }) => status === 200,
    );
  });
});

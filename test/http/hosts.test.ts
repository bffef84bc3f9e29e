import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startWorld, type World } from '../support/startWorld.ts';

const KEY = 'static-key';
const LIST = '/workbenches?user_id=ada';
const A_WORKBENCH = '/project/0a1b2c3d4e5f60718/';
const environments = {
  open: { HOST: 'myhost', RESTAPI_CORS_ORIGINS: 'https://app.example' },
  published: { RESTAPI_PUBLIC_URL: 'https://api.example/v1', WB_BASE_URL: 'https://pages.example/project' },
  keyed: { RESTAPI_AUTH_STATIC_KEY: KEY },
  keyedAndPublished: { RESTAPI_AUTH_STATIC_KEY: KEY, RESTAPI_PUBLIC_URL: 'https://api.example' },
} as const;
type Name = keyof typeof environments;

const worlds = new Map<string, World>();
beforeAll(async () => {
  for (const [name, environment] of Object.entries(environments)) worlds.set(name, await startWorld(environment));
});
afterAll(async () => {
  await Promise.all([...worlds.values()].map((world) => world[Symbol.asyncDispose]()));
});

const portOf = (name: Name) => Number(new URL(worlds.get(name)?.url ?? '').port);

/** As bytes: no client of tests sends what these hold. */
async function send(name: Name, target: string, lines: readonly string[], method = 'GET') {
  const socket = connect({ port: portOf(name), host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closes = lines.some((line) => line.startsWith('Connection:')) ? [] : ['Connection: close'];
  socket.write(`${[`${method} ${target} HTTP/1.1`, ...lines, ...closes].join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString();
  return { status: Number(text.slice(9, 12)), text, body: () => JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) };
}
const key = `Authorization: Bearer ${KEY}`;
const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA=='];

describe('a host', () => {
  test.each<[Name, string, number]>([
    ['open', 'localhost', 200],
    ['open', 'LOCALHOST:1', 200],
    ['open', 'localhost.', 200],
    ['open', 'w.localhost:8999', 200],
    ['open', '127.0.0.1:8999', 200],
    ['open', '10.9.8.7', 200],
    ['open', '[::1]:8999', 200],
    ['open', '[2001:db8::1]', 200],
    ['open', 'MyHost:80', 200],
    ['open', 'evil.example', 421],
    ['open', 'evil.example:8999', 421],
    ['open', 'localhost.evil.example', 421],
    ['open', '127.0.0.1.evil.example', 421],
    ['open', 'api.example', 421],
    ['open', 'a b', 400],
    ['open', '[::1', 400],
    ['open', 'evil.example@localhost', 400],
    ['published', 'API.example.:8443', 200],
    ['published', 'localhost', 200],
    ['published', 'evil.example', 421],
    ['published', 'pages.example', 421],
    ['keyed', 'whatever.example', 200],
    ['keyedAndPublished', 'api.example', 200],
    ['keyedAndPublished', 'localhost:8999', 200],
    ['keyedAndPublished', '192.0.2.1', 200],
    ['keyedAndPublished', 'whatever.example', 421],
  ])('where it is %s: %s is answered %i, twice', async (name, host, status) => {
    const lines = [`Host: ${host}`, key];
    expect((await send(name, LIST, lines)).status).toBe(status);
    expect((await send(name, LIST, lines)).status).toBe(status);
  });

  test('that is foreign is told so in the envelope, with the request’s id, before its token is looked at', async () => {
    const lines = ['Host: whatever.example', 'X-Request-Id: mine'];
    const answer = await send('keyedAndPublished', LIST, lines);
    expect(answer.body()).toEqual({
      success: false,
      error: { code: 'misdirected_request', message: expect.stringMatching(/RESTAPI_PUBLIC_URL/), request_id: 'mine' },
    });
    expect(answer.text).toMatch(/^HTTP\/1.1 421 .*^X-Request-Id: mine\r$/ms);
  });

  test('that is foreign gets nothing done', async () => {
    await worlds.get('open')?.forgetCalls();
    const answer = await send('open', LIST, ['Host: evil.example', 'Content-Length: 2'], 'POST');
    expect(answer.status).toBe(421);
    expect(worlds.get('open')?.changes()).toEqual([]);
  });

  test.each([
    ['http://evil.example', ['Host: localhost'], 421],
    ['http://localhost:8999', ['Host: evil.example'], 200],
    ['HTTP://127.0.0.1', ['Host: evil.example'], 200],
    ['http://user@localhost', ['Host: localhost'], 400],
    ['', ['Host: localhost', 'Host: localhost'], 400],
    ['', [], 400],
  ])('in the target (%s) counts, and Host (%j) then does not: %i', async (start, lines, status) => {
    expect((await send('open', `${start}${LIST}`, lines)).status).toBe(status);
  });

  test.each([
    ['two', ['Host: localhost', 'Host: localhost']],
    ['none', []],
  ])('in an upgrade, of which there are %s, is a 400 before anybody looks at it', async (_count, lines) => {
    expect((await send('open', A_WORKBENCH, [...lines, ...upgrade])).status).toBe(400);
  });

  test.each(['/healthz', '/readyz?x=1', 'http://other.example/healthz'])('is none that counts for %s', async (path) => {
    expect((await send('open', path, ['Host: evil.example'])).status).toBe(200);
  });

  test('of the workbenches’ pages is theirs alone, and health’s', async () => {
    const to = async (path: string) => (await send('published', path, ['Host: pages.example'])).status;
    expect(await Promise.all([A_WORKBENCH, LIST, '/me', '/healthz'].map(to))).toEqual([404, 421, 421, 200]);
  });

  test.each<[string, number]>([
    ['evil.example', 421],
    ['localhost', 404],
  ])('%s is looked at before a workbench is: %i', async (host, status) => {
    expect((await send('open', A_WORKBENCH, [`Host: ${host}`])).status).toBe(status);
    expect((await send('open', A_WORKBENCH, [`Host: ${host}`, ...upgrade])).status).toBe(status);
    expect((await send('open', '/nowhere', [`Host: ${host}`, ...upgrade])).status).toBe(status);
  });

  test('is looked at before a poll that memory answers', async () => {
    const created = await send('open', LIST, ['Host: localhost', 'Content-Length: 0'], 'POST');
    const poll = `/workbenches/${created.body().item.workbench_id}?user_id=ada`;
    for (const [host, status] of [
      ['localhost', 200],
      ['evil.example', 421],
    ] as const) {
      expect((await send('open', poll, [`Host: ${host}`])).status).toBe(status);
    }
  });

  test('of which there are very many is answered as one of few', async () => {
    for (let round = 0; round < 1_100; round += 100) {
      const hosts = Array.from({ length: 100 }, (_, index) => `h${round + index}.example`);
      const statuses = await Promise.all(
        hosts.map(async (host) => (await send('open', LIST, [`Host: ${host}`])).status),
      );
      expect(new Set(statuses)).toEqual(new Set([421]));
    }
    expect((await send('open', LIST, ['Host: localhost'])).status).toBe(200);
  });
});

describe('an origin, with authentication off', () => {
  test.each<[Name, string, readonly string[], number]>([
    ['open', 'its own', ['Host: localhost:8999', 'Origin: http://localhost:8999'], 200],
    ['open', 'its own in another case', ['Host: LOCALHOST:8999', 'Origin: http://localhost:8999'], 200],
    ['open', 'a configured one', ['Host: localhost:8999', 'Origin: https://app.example'], 200],
    ['open', 'another port’s', ['Host: localhost:8999', 'Origin: http://localhost:3000'], 403],
    ['open', 'another loopback name’s', ['Host: localhost:8999', 'Origin: http://127.0.0.1:8999'], 403],
    ['open', 'foreign', ['Host: localhost', 'Origin: https://evil.example'], 403],
    ['open', 'null', ['Host: localhost', 'Origin: null'], 403],
    ['open', 'that of the public URL, none being set', ['Host: localhost', 'Origin: https://api.example'], 403],
    ['published', 'that of the public URL', ['Host: 127.0.0.1', 'Origin: https://api.example'], 200],
    ['published', 'that of the workbenches’ pages', ['Host: localhost', 'Origin: https://pages.example'], 403],
    ['open', 'none, by an image elsewhere', ['Host: localhost', 'Sec-Fetch-Site: cross-site'], 403],
    ['open', 'none, typed in', ['Host: localhost', 'Sec-Fetch-Site: none', 'Sec-Fetch-Mode: navigate'], 200],
    [
      'open',
      'none, by a link elsewhere',
      ['Host: localhost', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'],
      200,
    ],
  ])('where it is %s and the origin %s (%j), decides on reads: %i', async (name, _whose, lines, status) => {
    const answer = await send(name, LIST, lines);
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body().error.code).toBe('not_allowed');
    expect(answer.text).not.toMatch(/^Access-Control-Allow-Origin: (?!https:\/\/app\.example\r$)/im);
  });

  test.each<[Name, string, number]>([
    ['open', 'https://evil.example', 403],
    ['open', 'http://localhost', 404],
    ['published', 'https://pages.example', 404],
    ['published', 'https://evil.example', 403],
  ])('where it is %s: %s at a workbench, by HTTP and websocket, is answered %i', async (name, origin, status) => {
    const lines = ['Host: localhost', `Origin: ${origin}`];
    expect((await send(name, A_WORKBENCH, lines)).status).toBe(status);
    const refused = await send(name, A_WORKBENCH, [...lines, ...upgrade]);
    expect([refused.status, refused.body().error.code]).toEqual([status, status === 403 ? 'not_allowed' : 'not_found']);
  });

  test('that is foreign is told so at a host of workbenches too, by HTTP and websocket', async () => {
    const lines = ['Host: pages.example', 'Origin: https://evil.example'];
    for (const more of [[], upgrade]) {
      const refused = await send('published', A_WORKBENCH, [...lines, ...more]);
      expect([refused.status, refused.body().error.code]).toEqual([403, 'not_allowed']);
    }
  });

  test('that is foreign gets no preflight and no poll from memory', async () => {
    const created = await send('open', LIST, ['Host: localhost', 'Content-Length: 0'], 'POST');
    const poll = `/workbenches/${created.body().item.workbench_id}?user_id=ada`;
    const foreign = ['Host: localhost', 'Origin: https://evil.example'];
    expect((await send('open', poll, foreign)).status).toBe(403);
    expect((await send('open', poll, [...foreign, 'Access-Control-Request-Method: DELETE'], 'OPTIONS')).status).toBe(
      403,
    );
  });

  test('is nothing to a call with a token', async () => {
    const lines = ['Host: localhost', 'Origin: https://evil.example', 'Sec-Fetch-Site: cross-site', key];
    expect((await send('keyed', LIST, lines)).status).toBe(200);
    expect((await send('keyed', LIST, lines.slice(0, -1))).status).toBe(401);
  });
});

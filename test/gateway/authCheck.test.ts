import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KEY, startWorkbenches, type Workbenches } from '../support/startWorkbenches.ts';

const none = '0123456789abcdef0';
let world: Workbenches;
let ann: string;
let bobs: string;
let cookie: string;

beforeAll(async () => {
  world = await startWorkbenches({
    WB_GATEWAY: 'off',
    WB_TRUSTED_PROXIES: '127.0.0.1',
    WB_BASE_URL: 'https://cloud.example/project',
  });
  [ann, bobs] = [await world.create('ann'), await world.create('bob')];
  const { item } = await world.open(ann, 'ann');
  const { pathname, search } = new URL(String(item['url']));
  const entered = await send(`${pathname}${search}`, { host: 'cloud.example' });
  cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
});
afterAll(async () => await world[Symbol.asyncDispose]());

type Headers = Record<string, string | string[]>;

async function send(path: string, headers: Headers, url = world.url) {
  const asking = request(`${url}${path}`, { headers, agent: false });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, text: String(Buffer.concat(await answer.toArray())) };
}

const nginx = (uri: string, method = 'GET'): Headers => ({
  'X-Original-Method': method,
  'X-Original-URI': uri,
  'X-Original-Host': 'cloud.example',
});
const caddy = (uri: string, method = 'GET'): Headers => ({
  'X-Forwarded-Method': method,
  'X-Forwarded-Uri': uri,
  'X-Forwarded-Host': 'cloud.example',
  'X-Forwarded-Proto': 'https',
});
const check = (headers: Headers) => send('/auth/check', headers);
const statusOf = async (headers: Headers) => (await check(headers)).status;
const own = () => `/project/${ann}/`;
const websocket = { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13' };

describe.each([
  ['nginx', nginx],
  ['Caddy', caddy],
])('%s', (_name, asked) => {
  test('is told who it is and where to, and what of the headers is the task’s', async () => {
    const mixed = `app=1; ${cookie}; app=2`;
    const { status, headers, text } = await check({
      ...asked(`${own()}lab?x=1`),
      cookie: mixed,
      authorization: 'Basic b',
    });
    expect([status, text]).toEqual([200, '']);
    expect(headers).toMatchObject({
      'x-workbench-user': 'ann',
      'x-workbench-upstream': expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      'x-workbench-cookie': 'app=1; app=2',
      'x-workbench-authorization': 'Basic b',
      'cache-control': 'no-store',
    });
    const byToken = await check({ ...asked(own()), authorization: `Bearer ${KEY}` });
    expect([byToken.status, byToken.headers['x-workbench-authorization']]).toEqual([200, '']);
  });

  test('is told no more than 401 of a stranger, and 403 of another’s', async () => {
    for (const wid of [ann, bobs, none]) {
      const { status, headers, text } = await check(asked(`/project/${wid}/`));
      expect([status, text, Object.keys(headers).filter((name) => /^x-work|^www|^set-/.test(name))]).toEqual([
        401,
        '',
        [],
      ]);
    }
    expect(await statusOf({ ...asked(`/project/${bobs}/`), cookie })).toBe(401);
    expect(await statusOf({ ...asked(`/project/${none}/`), authorization: `Bearer ${KEY}` })).toBe(403);
  });

  test('is asked about the path as it came', async () => {
    const statuses: [string, number][] = [
      [`/project/${bobs}/../${ann}/`, 401],
      [`/project/${ann}/../${bobs}/`, 200],
      [`/project/${ann}/%2e%2e/${bobs}/`, 200],
      [`/project/${ann}/#/../${bobs}/`, 200],
      [`/project/${ann}#/`, 403],
      [`/project/${ann}%23/`, 403],
      [`/project/${ann}%2f`, 403],
      [`//project/${ann}/`, 403],
      [`/x/../project/${ann}/`, 403],
      [`/project/${ann}`, 403],
      [`/project/${ann}/.workbench/enter`, 403],
      ['/workbenches', 403],
    ];
    for (const [uri, status] of statuses)
      expect([uri, await statusOf({ ...asked(uri), cookie })]).toEqual([uri, status]);
  });

  test('is told no where a page of somebody else is behind it', async () => {
    const foreign = { cookie, origin: 'https://evil.example' };
    const home = { cookie, origin: 'https://cloud.example' };
    expect(await statusOf({ ...asked(own()), ...foreign })).toBe(403);
    expect(await statusOf({ ...asked(own(), 'POST'), cookie })).toBe(403);
    expect(await statusOf({ ...asked(own(), 'POST'), ...home })).toBe(200);
    expect(await statusOf({ ...asked(own()), ...home, ...websocket })).toBe(200);
    expect(await statusOf({ ...asked(own()), ...foreign, ...websocket })).toBe(403);
    expect(await statusOf({ ...asked(own()), cookie, ...websocket })).toBe(403);
    // Caddy asks with the opening's own headers.
    const opening = { ...websocket, Connection: 'Upgrade', Upgrade: 'websocket' };
    expect(await statusOf({ ...asked(own()), ...home, ...opening })).toBe(200);
    expect(await statusOf({ ...asked(own()), cookie, origin: 'null', ...opening })).toBe(403);
  });
});

test('two families at once, one header twice, or none, are no question', async () => {
  expect(await statusOf({ ...nginx(own()), ...caddy(own()), cookie })).toBe(403);
  expect(await statusOf({ ...nginx(own()), 'X-Original-URI': [own(), own()], cookie })).toBe(403);
  expect(await statusOf({ cookie })).toBe(403);
});

test('a refused browser is shown what the gateway would show', async () => {
  const page = (uri: string, headers: Headers = {}) =>
    send('/auth/page', { ...nginx(uri), accept: 'text/html', 'sec-fetch-mode': 'navigate', ...headers });
  const id = await world.create('ann');
  await world.call('POST', `/workbenches/${id}/stop?user_id=ann`);
  const authorization = `Bearer ${KEY}`;

  expect(await page(own())).toMatchObject({
    status: 401,
    text: expect.stringContaining('Open it from your application'),
  });
  expect(await page(`/project/${none}/`, { authorization })).toMatchObject({ status: 404 });
  expect(await page('/elsewhere', { authorization })).toMatchObject({ status: 404 });
  expect(await page(own(), { cookie })).toMatchObject({ status: 503, text: expect.stringContaining('Almost there') });
  const stopped = await page(`/project/${id}/lab`, { authorization });
  expect(stopped.status).toBe(409);
});

test('whoever is no trusted proxy is told nothing', async () => {
  await using alone = await startWorkbenches({ WB_TRUSTED_PROXIES: '10.0.0.1' });
  const id = await alone.create('ann');
  const authorization = `Bearer ${KEY}`;
  for (const path of ['/auth/check', '/auth/page']) {
    const { status, text } = await send(path, { ...nginx(`/project/${id}/`), authorization }, alone.url);
    expect([path, status, text.includes(id)]).toEqual([path, 403, false]);
  }
});

test('with authentication off, the allow-list and Origin still decide', async () => {
  await using open = await startWorkbenches({
    RESTAPI_AUTH_STATIC_KEY: '',
    WB_GATEWAY: 'off',
    WB_TRUSTED_PROXIES: '127.0.0.1',
    WB_BASE_URL: 'https://cloud.example/project',
  });
  const id = await open.create('ann');
  const asked = nginx(`/project/${id}/`);
  const status = async (headers: Headers) => (await send('/auth/check', { ...asked, ...headers }, open.url)).status;
  expect(await status({})).toBe(200);
  expect(await status({ 'X-Original-Host': 'localhost' })).toBe(200);
  // A name that its owner may lead here from one moment to the next.
  expect(await status({ 'X-Original-Host': 'evil.example' })).toBe(403);
  expect(await status({ 'X-Original-Host': 'evil.example', origin: 'https://evil.example' })).toBe(403);
  expect(await status({ origin: 'https://cloud.example' })).toBe(200);
  expect(await status({ origin: 'https://evil.example' })).toBe(403);
});

test('a person without a session is a 401, and led to the login by the page', async () => {
  await using oidc = await startWorkbenches({
    WB_GATEWAY: 'off',
    WB_TRUSTED_PROXIES: '127.0.0.1',
    WB_BASE_URL: 'https://cloud.example/project',
    RESTAPI_PUBLIC_URL: 'https://api.example',
    RESTAPI_AUTH_OIDC_ISSUER: 'https://id.example',
    RESTAPI_AUTH_OIDC_AUDIENCE: 'workbench',
    RESTAPI_AUTH_OIDC_CLIENT_ID: 'workbench',
    RESTAPI_AUTH_OIDC_CLIENT_SECRET: 'the secret of the client',
  });
  const person = { ...nginx(`/project/${none}/lab?x=1`), accept: 'text/html', 'sec-fetch-mode': 'navigate' };

  const checked = await send('/auth/check', person, oidc.url);
  const led = await send('/auth/page', person, oidc.url);

  expect([checked.status, checked.headers['set-cookie']]).toEqual([401, undefined]);
  expect([led.status, led.headers.location]).toEqual([
    303,
    expect.stringMatching(`^https://api\\.example/auth/enter/${none}\\?n=.*next=%2Flab%3Fx%3D1`),
  ]);
  expect(led.headers['set-cookie']?.[0]).toMatch(/^wb_\w+_nonce=/);
});

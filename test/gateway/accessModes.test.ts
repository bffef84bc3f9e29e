import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import process from 'node:process';
import { describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { KEY, startWorkbenches } from '../support/startWorkbenches.ts';

/** As a browser: `*.localhost` is this machine, whatever names there are. */
async function visit(controller: string, url: string, headers: Record<string, string> = {}, method = 'GET') {
  const { host, pathname, search } = new URL(url);
  const asking = request(`${controller}${pathname}${search}`, { method, headers: { ...headers, host }, agent: false });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, text: String(Buffer.concat(await answer.toArray())) };
}

const forTheCloud = {
  WB_CLOUD: 'aws',
  AWS_REGION: 'us-east-1',
  ECS_CLUSTER: 'default',
  ECS_SUBNETS: 'subnet-0123456789abcdef0',
  EFS_FILE_SYSTEM_ID: 'fs-0123456789abcdef0',
  WB_GATEWAY: 'builtin',
};

// In AWS mode they are the SDK's to find.
process.env['AWS_ACCESS_KEY_ID'] = 'local';
process.env['AWS_SECRET_ACCESS_KEY'] = 'local';

describe.each<[string, Record<string, string>]>([
  ['on a laptop', {}],
  ['in AWS', forTheCloud],
])('%s, with a host for each workbench', (_where, environment) => {
  test('a link lets its user in at that host, by HTTP and websocket, and the task is told no path', async () => {
    await using world = await startWorkbenches({ ...environment, WB_BASE_URL: 'http://{wid}.localhost:8999' });
    const wid = await world.create('ann');
    const other = await world.create('ann');
    const own = `http://${wid}.localhost:8999`;

    const { item } = await world.open(wid, 'ann', { path: '/lab' });
    const entered = await visit(world.url, String(item['url']));
    const [line = ''] = entered.headers['set-cookie'] ?? [];
    const cookie = line.split(';')[0] ?? '';
    const inside = await visit(world.url, `${own}/lab`, { cookie });
    const socket = new WebSocket(`${world.url.replace('http', 'ws')}/ws`, {
      headers: { host: `${wid}.localhost:8999`, cookie, origin: own },
    });
    await once(socket, 'open');
    socket.terminate();

    expect(String(item['url'])).toMatch(new RegExp(`^${own}/\\.workbench/enter\\?t=`));
    expect([entered.status, entered.headers.location]).toEqual([303, '/lab']);
    expect(line).toMatch(/^__Host-wb=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
    expect([inside.status, inside.text]).toEqual([200, 'the application at /lab']);
    expect(world.seen.find(({ url }) => url === '/lab')?.headers).toMatchObject({
      'x-forwarded-host': `${wid}.localhost:8999`,
      'x-workbench-user': 'ann',
    });
    expect((await visit(world.url, `http://${other}.localhost:8999/`, { cookie })).status).toBe(401);
    // The API is nowhere at a workbench's host, nor the workbench at the API's.
    expect((await visit(world.url, `${own}/workbenches?user_id=ann`, { authorization: `Bearer ${KEY}` })).text).toBe(
      'the application at /workbenches?user_id=ann',
    );
    const { containerDefinitions } = world.cloud.look().taskDefinitions[0] ?? {};
    expect(JSON.stringify(containerDefinitions)).toContain('{"name":"WORKBENCH_BASE_PATH","value":""}');
    const { item: shown } = await world.call('GET', `/workbenches/${wid}?user_id=ann`);
    expect(shown['public_endpoint']).toBe(own);
  });
});

test('a workbench’s page is a page of elsewhere to its siblings, but for a link', async () => {
  await using world = await startWorkbenches({ WB_BASE_URL: 'http://{wid}.localhost:8999' });
  const [wid, sibling] = [await world.create('ann'), await world.create('ann')];
  const own = `http://${wid}.localhost:8999`;
  const { item } = await world.open(wid, 'ann');
  const entered = await visit(world.url, String(item['url']));
  const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const before = world.seen.length;
  const asked = async (headers: Record<string, string>, method = 'GET') =>
    (await visit(world.url, `${own}/x`, { cookie, ...headers }, method)).status;
  const opened = async (headers: Record<string, string>) => {
    const host = `${wid}.localhost:8999`;
    const socket = new WebSocket(`${world.url.replace('http', 'ws')}/ws`, { headers: { host, cookie, ...headers } });
    const [answer] = await Promise.race([
      once(socket, 'open'),
      once(socket, 'unexpected-response'),
      once(socket, 'error'),
    ]);
    socket.on('error', () => undefined).terminate();
    return answer === undefined;
  };
  const origin = `http://${sibling}.localhost:8999`;
  const site = { 'sec-fetch-site': 'same-site' };

  expect(await asked({ origin }, 'POST')).toBe(403);
  expect(await asked({ origin: 'null' }, 'POST')).toBe(403);
  for (const [mode, dest] of [
    ['no-cors', 'image'],
    ['no-cors', 'script'],
    ['cors', 'empty'],
    ['navigate', 'iframe'],
  ] as const) {
    const headers = { ...site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
    expect([dest, await asked(headers)]).toEqual([dest, 403]);
  }
  expect(await asked({ ...site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 'POST')).toBe(403);
  expect(await opened({ origin })).toBe(false);
  expect(await opened({})).toBe(false);
  expect(world.seen.length).toBe(before);
  expect(await opened({ origin: own })).toBe(true);
  expect(await asked({ ...site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBe(200);
});

test('with the gateway off, browsers still enter where a proxy forwards, and elsewhere no link is given', async () => {
  await using proxied = await startWorkbenches({ WB_GATEWAY: 'off', WB_TRUSTED_PROXIES: '127.0.0.1' });
  await using alone = await startWorkbenches({ WB_GATEWAY: 'off' });
  const wid = await proxied.create('ann');
  const { item } = await proxied.open(wid, 'ann');
  const { pathname, search } = new URL(String(item['url']));

  const entered = await visit(proxied.url, `${proxied.url}${pathname}${search}`);
  const forwarded = await visit(proxied.url, `${proxied.url}/project/${wid}/`, { authorization: `Bearer ${KEY}` });
  const refused = await alone.open(await alone.create('ann'), 'ann');

  expect(entered.status).toBe(303);
  expect(forwarded.status).toBe(404);
  expect([refused.status, refused.code]).toEqual([409, 'open_unavailable']);
});

test('with the gateway off, a workbench’s own host serves what is the controller’s there, and nothing else', async () => {
  await using world = await startWorkbenches({
    ...{ WB_GATEWAY: 'off', WB_TRUSTED_PROXIES: '127.0.0.1' },
    WB_BASE_URL: 'http://{wid}.localhost:8999',
  });
  const wid = await world.create('ann');
  const own = `http://${wid}.localhost:8999`;
  const { item } = await world.open(wid, 'ann');
  const bearer = { authorization: `Bearer ${KEY}` };

  expect((await visit(world.url, String(item['url']))).status).toBe(303);
  for (const path of ['/', '/lab', '/workbenches?user_id=ann', '/auth/check', '/.workbench', '/.workbenches/']) {
    expect([path, (await visit(world.url, `${own}${path}`, bearer)).status]).toEqual([path, 404]);
  }
  expect(world.seen).toEqual([]);
});

test('with authentication off the link is the plain endpoint, and no foreign page gets in', async () => {
  await using world = await startWorkbenches({ RESTAPI_AUTH_STATIC_KEY: '' });
  const wid = await world.create('ann');
  const { item } = await world.open(wid, 'ann', { path: '/lab?x=1' });
  const endpoint = `${world.url}/project/${wid}/`;

  expect(item).toEqual({ url: expect.stringMatching(`^http://localhost:\\d+/project/${wid}/lab\\?x=1$`) });
  expect((await visit(world.url, endpoint)).status).toBe(200);
  expect((await visit(world.url, endpoint, { origin: 'https://evil.example' })).status).toBe(403);
});

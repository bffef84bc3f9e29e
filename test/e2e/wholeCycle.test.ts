import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import jsonwebtoken from 'jsonwebtoken';
import { findText } from './support/findText.ts';
import { instantly, localCloudOf } from './support/instantly.ts';
import { type ReadyServer, startServer, stopEverything, temporaryFolder } from './support/startServer.ts';
import { readFileOf, saveFile, User } from './support/User.ts';

afterAll(stopEverything);

/** The whole job, from outside. */
async function liveOnce(user: User, dir: string): Promise<void> {
  const secret = `what nobody else may find ${randomUUID()}`;
  const item = await user.create('My notes ✎');
  expect(item.workbench_name).toBe('My notes ✎');
  await user.reaches(item.workbench_id, 'running');

  const { headers } = user;
  const page = await fetch(item.public_endpoint, { headers });
  expect([page.status, page.url]).toEqual([200, `${item.public_endpoint}/`]);
  expect(await page.text()).toContain('<title>Workbench</title>');
  await saveFile(item, 'today.md', secret, headers);

  await user.command(item.workbench_id, 'stop');
  await user.reaches(item.workbench_id, 'stopped');
  const stopped = await fetch(`${item.public_endpoint}/`, { headers: { ...headers, Accept: 'text/html' } });
  expect([stopped.status, await stopped.text()]).toEqual([409, expect.stringContaining('My notes ✎ is stopped')]);
  expect(await findText(dir, secret)).toHaveLength(1);

  await user.command(item.workbench_id, 'start');
  await user.reaches(item.workbench_id, 'running');
  expect(await readFileOf(item, 'today.md', headers)).toBe(secret);

  await user.command(item.workbench_id, 'destroy');
  expect((await user.call('GET', '/workbenches')).body.items).toEqual([]);
  await user.reaches(item.workbench_id, 'gone');
  expect(await findText(dir, secret)).toEqual([]);
  const paths = await readdir(join(dir, 'efs'), { recursive: true });
  expect(paths.filter((path) => path.includes(item.workbench_id))).toEqual([]);
  expect((await fetch(`${item.public_endpoint}/`, { headers })).status).toBe(404);
}

describe('./server.sh with no configuration', () => {
  test('creates, opens, stops, starts and destroys a workbench; its states add less than three seconds', async () => {
    const cwd = await temporaryFolder();
    const server = await startServer(cwd);
    expect(server.logged('ready')[0]).toMatchObject({ cloud: 'local' });
    expect(server.stdout()).toContain('authentication is OFF');
    expect(server.stdout()).toContain('behind a proxy, set RESTAPI_PUBLIC_URL');
    expect(server.stderr()).not.toContain('Warning');

    const timing = (await (await fetch(`${localCloudOf(server)}/_local/timing`)).json()) as Record<string, number>;
    const onTheWay = ['provisioningMs', 'pendingMs', 'activatingMs', 'visibilityMs'].map((name) => timing[name] ?? 0);
    expect(onTheWay.reduce((sum, milliseconds) => sum + milliseconds)).toBeLessThan(3_000);

    await liveOnce(new User(server.url, 'ann@example.com'), join(cwd, '.workbenches'));
  });
});

describe('./server.sh with both kinds of keys', () => {
  const jwtKey = 'the key that signs';
  const token = (claims: object) => jsonwebtoken.sign(claims, jwtKey, { expiresIn: '5m' });
  let dir: string;
  let server: ReadyServer;

  beforeAll(async () => {
    dir = await temporaryFolder();
    server = await instantly(
      await startServer(dir, {
        WB_LOCAL_DIR: join(dir, 'data'),
        RESTAPI_URL_PREFIX: '/api/v1',
        RESTAPI_AUTH_STATIC_KEY: 'the-static-key',
        RESTAPI_AUTH_JWT_KEY: jwtKey,
        RESTAPI_AUTH_JWT_USER_CLAIM: 'email',
      }),
    );
  });

  test('the whole cycle works with the static key, for any user', async () => {
    await liveOnce(new User(server.url, 'ann', 'the-static-key'), join(dir, 'data'));
  });

  test('the whole cycle works with a JWT, for the user that it names and nobody else', async () => {
    const bob = token({ email: 'bob' });
    await liveOnce(new User(server.url, undefined, bob), join(dir, 'data'));
    expect((await new User(server.url, 'ann', bob).call('GET', '/workbenches')).status).toBe(403);
  });

  test.each([
    ['no token', undefined],
    ['another key', 'another-key'],
    ['a JWT of another key', jsonwebtoken.sign({ email: 'bob' }, 'another', { expiresIn: '5m' })],
    ['a JWT without the claim', token({ sub: 'bob' })],
    ['a JWT without an end', jsonwebtoken.sign({ email: 'bob' }, jwtKey)],
  ])('%s gets 401', async (_name, wrong) => {
    const { status, headers, body } = await new User(server.url, 'bob', wrong).call('POST', '/workbenches');
    expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer/)]);
    expect(body.success).toBe(false);
  });
});

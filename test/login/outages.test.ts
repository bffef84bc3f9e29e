import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { CLIENT } from '../support/startProvider.ts';
import { aPerson, type Logins, startLogins } from './world.ts';

const page = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'none',
  'sec-fetch-dest': 'document',
};

/** Something in a provider's place. */
async function startOther(answer: (issuer: string) => RequestListener) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', answer(issuer));
  return {
    issuer,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** It says of itself what it should, and at its token endpoint nothing. */
const silentAtTokens =
  (issuer: string): RequestListener =>
  ({ url }, response) => {
    if (url === '/.well-known/openid-configuration') {
      const endpoints = {
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        id_token_signing_alg_values_supported: ['ES256'],
        jwks_uri: `${issuer}/jwks`,
      };
      response.end(JSON.stringify({ issuer, ...endpoints }));
    } else if (url === '/jwks') response.end('{"keys":[]}');
  };

async function expectUnavailable(
  asking: Promise<{ status: number; headers: Headers; text: string }>,
  refreshes: boolean,
) {
  const { status, headers, text } = await asking;
  expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
  expect(text).toContain('The login does not answer');
  expect(text.includes('http-equiv="refresh"')).toBe(refreshes);
}

describe('while the provider is away', () => {
  let world: Logins;
  let ann: string;
  beforeAll(async () => {
    world = await startLogins({ mode: 'subdomain' });
    ann = await world.create('ann');
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('who is in stays, frontends open workbenches, and a login begun says so', async () => {
    const home = `${world.endpointOf(ann)}/`;
    const person = aPerson(world);
    await person.open(home, 'ann');
    const late = (await person.open(`${world.publicUrl}/auth/login`, 'ann', (url) => url.pathname === '/auth/callback'))
      .url;
    await world.provider.close();

    expect((await person.step(new URL(home))).status).toBe(200);
    const { url = '' } = await world.call('POST', `/workbenches/${ann}/open?user_id=ann`);
    expect((await aPerson(world).go(url)).answer.status).toBe(200);
    await expectUnavailable(person.step(late), false);
  });
});

describe('a controller that has never reached its provider', () => {
  test('says so on a page within its patience, to programs in JSON, and logs out what it can', async () => {
    await using hanging = await startOther(() => () => undefined);
    await using world = await startLogins({ mode: 'path', environment: { RESTAPI_AUTH_OIDC_ISSUER: hanging.issuer } });
    const ann = await world.create('ann');
    const set = await world.send(`${world.endpointOf(ann)}/`, page);
    expect(set.status).toBe(303);
    await expectUnavailable(world.send(set.location, page), true);
    const forPrograms = await world.send(set.location);
    expect(JSON.parse(forPrograms.text).error.code).toBe('provider_unavailable');

    const url = `${world.publicUrl}/auth/logout`;
    const out = await world.send(url, { ...page, origin: world.publicUrl }, { method: 'POST', body: '' });
    expect([out.status, out.text]).toEqual([503, expect.stringContaining('Logged out, but for the provider')]);
  });
});

test('a laptop with nothing to set up but the client leads to the one name that its cookies are at', async () => {
  await using silent = await startOther(silentAtTokens);
  await using world = await startLogins({
    mode: 'path',
    environment: { RESTAPI_AUTH_OIDC_ISSUER: silent.issuer, RESTAPI_PUBLIC_URL: '', WB_BASE_URL: '' },
  });
  const ann = await world.create('ann');
  const { port } = new URL(world.first.url);
  const path = `/project/${ann}/lab?x=1`;
  const [byAddress, byName] = [`${world.first.url}${path}`, `http://localhost:${port}${path}`];
  const first = await world.send(byAddress, page);
  expect([first.status, first.location, first.headers.getSetCookie()]).toEqual([303, byName, []]);
  const then = await world.send(byName, page);
  expect([then.status, then.location]).toEqual([
    303,
    expect.stringMatching(`^http://localhost:${port}/auth/enter/${ann}\\?n=[\\w-]{43}&next=%2Flab%3Fx%3D1$`),
  ]);
  expect((await world.send(then.location, page)).location).toContain(`${silent.issuer}/auth?`);
});

test('a provider that does not answer with tokens is unavailable, too', async () => {
  await using silent = await startOther(silentAtTokens);
  await using world = await startLogins({ mode: 'path', environment: { RESTAPI_AUTH_OIDC_ISSUER: silent.issuer } });
  const begun = await world.send(`${world.publicUrl}/auth/login`, page);
  const state = new URL(begun.location).searchParams.get('state') ?? '';
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const callback = `${world.publicUrl}/auth/callback?${new URLSearchParams({ code: 'c', state })}`;
  await expectUnavailable(world.send(callback, { ...page, cookie }), false);
});

test('an ID token with another nonce, of another issuer or for another client logs nobody in', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  let claims = {};
  const forging = (issuer: string): RequestListener => {
    const silent = silentAtTokens(issuer);
    return (request, response) => {
      if (request.url !== '/token') return silent(request, response);
      const iat = Math.floor(Date.now() / 1000);
      const payload = { iss: issuer, aud: CLIENT.clientId, sub: 'ann', iat, exp: iat + 60, ...claims };
      const signed = new SignJWT(payload).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
      response.setHeader('Content-Type', 'application/json');
      void signed.then((id_token) =>
        response.end(JSON.stringify({ access_token: 'x', token_type: 'Bearer', id_token })),
      );
    };
  };
  await using forger = await startOther(forging);
  await using world = await startLogins({ mode: 'path', environment: { RESTAPI_AUTH_OIDC_ISSUER: forger.issuer } });
  const changes: [object, number][] = [
    [{}, 200],
    [{ nonce: 'another' }, 401],
    [{ nonce: undefined }, 401],
    [{ iss: 'https://evil.example' }, 401],
    [{ aud: 'another' }, 401],
    [{ exp: 1 }, 401],
  ];
  for (const [change, status] of changes) {
    const begun = await world.send(`${world.publicUrl}/auth/login`, page);
    const { searchParams } = new URL(begun.location);
    claims = { nonce: searchParams.get('nonce'), ...change };
    const cookie = begun.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const query = new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '' });
    const answer = await world.send(`${world.publicUrl}/auth/callback?${query}`, { ...page, cookie });
    expect([change, answer.status]).toEqual([change, status]);
  }
});

test('where users go by another claim than sub, they log in by it and out again, and the provider’s word is refused', async () => {
  await using world = await startLogins({
    mode: 'path',
    environment: { RESTAPI_AUTH_OIDC_USER_CLAIM: 'email' },
    claims: (user) => ({ email: `${user}@example.com`, email_verified: true }),
  });
  const ann = await world.create('ann@example.com');
  const home = `${world.endpointOf(ann)}/`;
  const person = aPerson(world);
  await person.open(home, 'ann');
  const told = await world.send(
    `${world.publicUrl}/auth/backchannel-logout`,
    {},
    { method: 'POST', body: 'logout_token=a.b.c' },
  );
  expect([told.status, JSON.parse(told.text).error.code]).toEqual([400, 'logout_unavailable']);
  expect((await person.step(new URL(home))).status).toBe(200);
  await person.step(new URL(`${world.publicUrl}/auth/logout`), { method: 'POST', body: '' });
  expect((await person.step(new URL(home))).status).toBe(303);
});

test('a client whose secret is wrong is the operator’s to set right, and the log says what the provider said', async () => {
  await using world = await startLogins({ mode: 'path', environment: { RESTAPI_AUTH_OIDC_CLIENT_SECRET: 'wrong' } });
  const { answer } = await aPerson(world).open(`${world.publicUrl}/auth/login`, 'ann');
  expect([answer.status, answer.text]).toEqual([502, expect.stringContaining('The login is not set up yet')]);
  expect(world.log.join('')).toContain('invalid_client');
});

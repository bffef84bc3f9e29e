import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { createAuthenticator } from '../../src/access/bearer/createAuthenticator.ts';
import { createVerifyAccessToken } from '../../src/access/bearer/verifyAccessToken.ts';
import { createProvider } from '../../src/access/provider/createProvider.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startBothWays } from '../http/startBothWays.ts';
import { createBrowser } from '../support/Browser.ts';
import { AUDIENCE, CLIENT, PASSWORD, startProvider } from '../support/startProvider.ts';
import { startWorld, type World } from '../support/startWorld.ts';

const PUBLIC = 'http://localhost:8999';
const STATIC = 'static-key';
let provider: Awaited<ReturnType<typeof startProvider>>;
let world: World;

beforeAll(async () => {
  provider = await startProvider({ publicUrl: PUBLIC, roles: { opal: ['operator'] } });
  world = await startWorld({
    RESTAPI_AUTH_STATIC_KEY: STATIC,
    RESTAPI_AUTH_OIDC_ISSUER: provider.issuer,
    RESTAPI_AUTH_OIDC_AUDIENCE: AUDIENCE,
    RESTAPI_AUTH_OIDC_OPERATOR_ROLE: 'operator',
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await provider.close();
});

/** What a user's frontend has after a login: by code, with PKCE. */
async function logIn(user: string): Promise<Readonly<{ access_token: string; id_token: string }>> {
  const verifier = 'v'.repeat(43);
  const redirect_uri = `${PUBLIC}/auth/callback`;
  const start = new URL(`${provider.issuer}/auth`);
  start.search = new URLSearchParams({
    client_id: CLIENT.clientId,
    response_type: 'code',
    scope: 'openid',
    redirect_uri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const browser = createBrowser();
  const back = (url: URL) => url.pathname.endsWith('/auth/callback');
  const page = await browser.follow(start, back);
  const body = new URLSearchParams({ login: user, password: PASSWORD });
  const { url } = await browser.follow(page.url, back, { method: 'POST', body });
  const code = url.searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
  const answer = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${btoa(`${CLIENT.clientId}:${encodeURIComponent(CLIENT.clientSecret).replaceAll('%20', '+')}`)}`,
    },
    body: new URLSearchParams(form),
  });
  return (await answer.json()) as { access_token: string; id_token: string };
}

test('a user of the provider creates and lists their own, others’ are 403, and an operator’s are anybody’s', async () => {
  const [ann, opal] = [await logIn('ann'), await logIn('opal')];
  const call = (method: 'get' | 'post', path: string, token: string) =>
    request(world.url)[method](path).set('Authorization', `Bearer ${token}`);
  const { body } = await call('post', '/workbenches', ann.access_token).expect(201);
  expect(body.item.user_id).toBe('ann');
  expect((await call('get', '/workbenches', ann.access_token).expect(200)).body.items).toHaveLength(1);
  await call('get', '/workbenches?user_id=bob', ann.access_token).expect(403);
  await call('get', `/workbenches/${body.item.workbench_id}?user_id=ann`, opal.access_token).expect(200);
  await call('get', `/workbenches/${body.item.workbench_id}`, opal.access_token).expect(404);
  expect((await call('get', '/me', opal.access_token)).body.item).toMatchObject({ user_id: 'opal', operator: true });
  await call('get', '/workbenches?user_id=ann', STATIC).expect(200);
  const { body: refused } = await call('get', '/workbenches', ann.id_token).expect(401);
  expect(refused.error.message).toMatch(/"aud" must contain|no access token/);
  await request(world.url).get('/workbenches?user_id=ann').expect(401);
});

test('a provider that signs with another key, and then is gone, still has its tokens read', async () => {
  let later = 0;
  const clock = { now: Date.now, monotonic: () => performance.now() + later };
  const { key } = createProvider({ issuer: provider.issuer, clock });
  const rules = { issuer: provider.issuer, audience: AUDIENCE, userClaim: 'sub' };
  const verify = createVerifyAccessToken(key, { ...rules, clientId: undefined, operatorRole: undefined }, clock);
  const none = { staticKey: undefined, jwtKey: undefined, userClaim: undefined };
  const authenticator = createAuthenticator(none, verify, systemClock);
  const config = { authentication: none, urlPrefix: '', corsOrigins: [], gatewayBasePath: undefined };
  const ways = await startBothWays(config, { authenticator });
  const status = async (token: string) => {
    const lines = `Host: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`;
    return (await ways.short.send(`GET /me HTTP/1.1\r\n${lines}\r\n`)).slice(9, 12);
  };
  try {
    expect(await status((await logIn('ann')).access_token)).toBe('200');
    await provider.rotate();
    const [after, unused] = [await logIn('ann'), await logIn('bob')];
    later = 31_000;
    expect(await status(after.access_token)).toBe('200');
    await provider.close();
    later += 15 * 60_000;
    expect(await status(unused.access_token)).toBe('200');
  } finally {
    await ways.close();
    provider = await startProvider({ publicUrl: PUBLIC });
  }
});

import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createVerifyAccessToken } from '../../src/access/bearer/verifyAccessToken.ts';
import { createLogin, type Login } from '../../src/access/login/createLogin.ts';
import { createVerifyLogoutToken } from '../../src/access/login/verifyLogoutToken.ts';
import { createProvider } from '../../src/access/provider/createProvider.ts';
import { loginClaims } from '../../src/access/signed/claims.ts';
import { createSigned } from '../../src/access/signed/createSigned.ts';
import { createUsed } from '../../src/access/signed/createUsed.ts';
import { AuthenticationError } from '../../src/lib/errors.ts';
import { fakeClock, MINUTE } from '../access/fakeClock.ts';
import { createBrowser } from '../support/Browser.ts';
import { AUDIENCE, CLIENT, PASSWORD, startProvider } from '../support/startProvider.ts';

const PUBLIC = 'http://localhost:8999/api';
type World = Awaited<ReturnType<typeof startProvider>>;
let provider: World;
beforeAll(async () => {
  const claims = (user: string) => ({ email: `${user}@example.com`, email_verified: user === 'ann' });
  provider = await startProvider({ publicUrl: PUBLIC, roles: { opal: ['operator'] }, claims });
});
afterAll(() => provider.close());

function login({ userClaim = 'sub', clientSecret = CLIENT.clientSecret, clock = fakeClock(Date.now()) } = {}): Login {
  const issuer = provider.issuer;
  const published = createProvider({ issuer, clock });
  const rules = { issuer, audience: AUDIENCE, clientId: CLIENT.clientId, userClaim, operatorRole: 'operator' };
  return createLogin({
    provider: published,
    client: { ...CLIENT, clientSecret },
    userClaim,
    verifyAccessToken: createVerifyAccessToken(published.key, rules, clock),
    attempts: createSigned({ kind: 'login', secrets: ['s'.repeat(32)], claims: loginClaims, clock }),
    publicUrl: () => PUBLIC,
    clock,
  });
}

const pairOf = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(';')[0]).join('; ');

/** A person at the provider: what it sends their browser back with. */
async function atProvider(
  location: string,
  user = 'ann',
  password = PASSWORD,
  browser = createBrowser(),
): Promise<URL> {
  const back = (url: URL) => url.pathname.endsWith('/auth/callback');
  const page = await browser.follow(new URL(location), back);
  const body = new URLSearchParams({ login: user, password });
  return (await browser.follow(page.url, back, { method: 'POST', body })).url;
}

async function wholeWay(own: Login, user = 'ann') {
  const { location, cookies } = await own.begin('/auth/enter/0123456789abcdef0?n=x');
  const { search } = await atProvider(location, user);
  return { search, cookie: pairOf(cookies) };
}

describe('logging in at a real provider', () => {
  test('ends with who it is, and where they wanted to go', async () => {
    const clock = fakeClock(Date.now());
    const own = login({ clock });
    const { location, cookies } = await own.begin('/auth/enter/0123456789abcdef0?n=x');
    expect(new URL(location).searchParams.get('code_challenge_method')).toBe('S256');
    expect(cookies.join()).toMatch(
      /^__Host-wb-login-[\w-]{16}=.*; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
    const { search } = await atProvider(location);
    expect(await own.finish(search, `a=b; ${pairOf(cookies)}`)).toEqual({
      entrant: { user: 'ann', sub: 'ann', auth_time: clock.now() / 1000 },
      operator: false,
      next: '/auth/enter/0123456789abcdef0?n=x',
      cookies: [expect.stringMatching(/^__Host-wb-login-[\w-]{16}=; Path=\/; Max-Age=0/)],
    });
  });

  test('knows an operator by the access token’s role', async () => {
    const own = login();
    const { search, cookie } = await wholeWay(own, 'opal');
    expect(await own.finish(search, cookie)).toMatchObject({ entrant: { user: 'opal' }, operator: true });
  });

  test('names the user by the configured claim, and the subject beside it', async () => {
    const own = login({ userClaim: 'email' });
    const ann = await wholeWay(own);
    expect((await own.finish(ann.search, ann.cookie)).entrant).toMatchObject({ user: 'ann@example.com', sub: 'ann' });
    const bob = await wholeWay(own, 'bob');
    await expect(own.finish(bob.search, bob.cookie)).rejects.toThrow(/not verified/);
  });

  test('goes on in two tabs at a time', async () => {
    const own = login();
    const one = await own.begin('/one');
    const two = await own.begin('/two');
    const cookie = pairOf([...one.cookies, ...two.cookies]);
    const [back2, back1] = [await atProvider(two.location), await atProvider(one.location)];
    expect(await own.finish(back2.search, cookie)).toMatchObject({ next: '/two' });
    expect(await own.finish(back1.search, cookie)).toMatchObject({ next: '/one' });
  });

  test('logs out there as well, and comes back', async () => {
    const url = new URL((await login().logoutUrl()) ?? '');
    expect(`${url.origin}${url.pathname}`).toBe(`${provider.issuer}/session/end`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      post_logout_redirect_uri: `${PUBLIC}/auth/logged-out`,
      client_id: CLIENT.clientId,
    });
  });
});

describe('a login', () => {
  const expired = { code: 'login_expired' };
  const refused = { code: 'login_refused' };

  test('in another browser, or without its cookie, is none', async () => {
    const own = login();
    const { search } = await wholeWay(own);
    const other = await own.begin('/');
    await expect(own.finish(search, undefined)).rejects.toMatchObject(expired);
    await expect(own.finish(search, pairOf(other.cookies))).rejects.toMatchObject(expired);
  });

  test('whose cookie is another attempt’s under its name is none', async () => {
    const own = login();
    const { search, cookie } = await wholeWay(own);
    const other = pairOf((await own.begin('/')).cookies).replace(/^[^=]*=/, '');
    const renamed = `${cookie.split('=')[0]}=${other}`;
    await expect(own.finish(search, renamed)).rejects.toMatchObject(expired);
  });

  test('that took more than ten minutes is none', async () => {
    const clock = fakeClock(Date.now());
    const own = login({ clock });
    const { search, cookie } = await wholeWay(own);
    clock.pass(10 * MINUTE);
    await expect(own.finish(search, cookie)).rejects.toMatchObject(expired);
  });

  test('with another state, issuer, code, or none of them is refused', async () => {
    const own = login();
    const { search, cookie } = await wholeWay(own);
    const changed = (name: string, value: string | undefined) => {
      const parameters = new URLSearchParams(search);
      if (value === undefined) parameters.delete(name);
      else parameters.set(name, value);
      return `?${parameters}`;
    };
    await expect(own.finish(changed('state', 'x'), cookie)).rejects.toMatchObject(expired);
    await expect(own.finish('', cookie)).rejects.toMatchObject(expired);
    await expect(own.finish(changed('iss', 'https://evil.com'), cookie)).rejects.toMatchObject(refused);
    await expect(own.finish(changed('iss', undefined), cookie)).rejects.toMatchObject(refused);
    await expect(own.finish(changed('code', 'x'), cookie)).rejects.toMatchObject(refused);
    await expect(own.finish(`${search}&code=x`, cookie)).rejects.toMatchObject(refused);
  });

  test('whose code comes back twice is refused the second time', async () => {
    const own = login();
    const { search, cookie } = await wholeWay(own);
    await own.finish(search, cookie);
    await expect(own.finish(search, cookie)).rejects.toMatchObject(refused);
  });

  test('with the code of another attempt is refused: verifier and nonce are that one’s', async () => {
    const own = login();
    const mine = await wholeWay(own);
    const theirs = await wholeWay(own, 'bob');
    const search = new URLSearchParams(mine.search);
    search.set('code', new URLSearchParams(theirs.search).get('code') ?? '');
    await expect(own.finish(`?${search}`, mine.cookie)).rejects.toMatchObject(refused);
  });

  test('that the provider refuses is refused, and the next may go well', async () => {
    const own = login();
    const { location, cookies } = await own.begin('/');
    const back = await atProvider(location, 'ann', 'wrong');
    expect(back.searchParams.get('error')).toBe('access_denied');
    await expect(own.finish(back.search, pairOf(cookies))).rejects.toMatchObject(refused);
  });

  test('of a client whose secret is wrong is not the user’s fault', async () => {
    const own = login({ clientSecret: 'wrong' });
    const { search, cookie } = await wholeWay(own);
    await expect(own.finish(search, cookie)).rejects.toMatchObject({ name: 'UpstreamError', code: 'provider_refused' });
  });
});

test('a logout there is told to us behind the browser’s back', async () => {
  const told = new EventEmitter();
  const controller = createServer((request, response) => {
    void text(request).then((body) => told.emit('logout', new URLSearchParams(body).get('logout_token')));
    response.end();
  });
  controller.listen(0, '127.0.0.1');
  await once(controller, 'listening');
  const publicUrl = `http://127.0.0.1:${(controller.address() as AddressInfo).port}`;
  const real = await startProvider({ publicUrl });
  const clock = fakeClock(Date.now());
  const published = createProvider({ issuer: real.issuer, clock });
  const own = createLogin({
    provider: published,
    client: CLIENT,
    userClaim: 'sub',
    verifyAccessToken: () => Promise.reject(new AuthenticationError('no roles')),
    attempts: createSigned({ kind: 'login', secrets: ['s'.repeat(32)], claims: loginClaims, clock }),
    publicUrl: () => publicUrl,
    clock,
  });
  try {
    const browser = createBrowser();
    const { location, cookies } = await own.begin('/');
    const { search } = await atProvider(location, 'ann', PASSWORD, browser);
    expect(await own.finish(search, pairOf(cookies))).toMatchObject({ entrant: { user: 'ann' }, operator: false });

    const logout = once(told, 'logout');
    const page = await browser.send(new URL((await own.logoutUrl()) ?? ''));
    const [, xsrf = ''] = /name="xsrf" value="(\w+)"/.exec(await page.text()) ?? [];
    const body = new URLSearchParams({ xsrf, logout: 'yes' });
    await browser.send(new URL('/session/end/confirm', real.issuer), { method: 'POST', body });

    const [token] = await logout;
    const { clientId } = CLIENT;
    const verify = createVerifyLogoutToken({
      key: published.key,
      issuer: real.issuer,
      clientId,
      used: createUsed(clock),
      clock,
    });
    expect(await verify(String(token))).toBe('ann');
    await expect(verify(String(token))).rejects.toThrow('used before');
  } finally {
    controller.close();
    await real.close();
  }
});

test('while the provider is away, a login is unavailable, not refused', async () => {
  const gone = await startProvider({ publicUrl: PUBLIC });
  await gone.close();
  const clock = fakeClock(Date.now());
  const own = createLogin({
    provider: createProvider({ issuer: gone.issuer, clock }),
    client: CLIENT,
    userClaim: 'sub',
    verifyAccessToken: () => Promise.reject(new Error('never asked')),
    attempts: createSigned({ kind: 'login', secrets: ['s'.repeat(32)], claims: loginClaims, clock }),
    publicUrl: () => PUBLIC,
    clock,
  });
  await expect(own.begin('/')).rejects.toMatchObject({ name: 'UnavailableError', code: 'provider_unavailable' });
});

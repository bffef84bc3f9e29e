import { describe, expect, test } from '@jest/globals';
import { createAuthenticator } from '../../src/access/bearer/createAuthenticator.ts';
import { createDecide, type Owner } from '../../src/access/entry/createDecide.ts';
import { visitOf } from '../../src/access/entry/visitOf.ts';
import { parseAuthority } from '../../src/access/hosts/authority.ts';
import { createLogouts } from '../../src/access/login/createLogouts.ts';
import { sessionClaims } from '../../src/access/signed/claims.ts';
import { createSigned } from '../../src/access/signed/createSigned.ts';
import { UnavailableError } from '../../src/lib/errors.ts';
import { aToken, inSeconds } from '../support/tokens.ts';
import { fakeClock, HOUR } from './fakeClock.ts';

const WID = '0123456789abcdef0';
const BOBS = 'bbbbbbbbbbbbbbbb0';
const HOST = `${WID}.wb.example.net`;
const JWT_KEY = 'a key for tokens that is long enough';
const bearerOf = (sub: string) => `Bearer ${aToken({ sub, exp: inSeconds(3600) }, JWT_KEY)}`;
const page = { accept: 'text/html,*/*' };
const own = { origin: `https://${HOST}` };

function world({ authenticated = true } = {}) {
  const clock = fakeClock(Date.now());
  const seconds = () => Math.floor(clock.now() / 1000);
  const sessions = createSigned({ kind: 'session', secrets: ['s'.repeat(32)], claims: sessionClaims, clock });
  const logouts = createLogouts(clock);
  const owners = new Map<string, Owner>([
    [WID, { userId: 'ann' }],
    [BOBS, { userId: 'bob' }],
  ]);
  const lookups: string[] = [];
  let cloudDown = false;
  const setCloudDown = () => {
    cloudDown = true;
  };
  const config = { staticKey: 'static', jwtKey: JWT_KEY, userClaim: 'sub' };
  const authenticator = createAuthenticator(config, undefined, clock);
  const decide = createDecide({
    authentication: authenticated
      ? { authenticator, sessions, sessionCookie: () => '__Host-wb', isOver: logouts.isOver }
      : undefined,
    origins: { scheme: authenticated ? 'https' : undefined, configured: [], framed: false },
    ownerOf: async (workbenchId) => {
      lookups.push(workbenchId);
      if (cloudDown) throw new UnavailableError('down');
      return owners.get(workbenchId);
    },
    clock,
  });
  const session = (user: string, wid = WID) =>
    sessions.sign({ wid, user, sub: `sub-${user}`, auth_time: seconds(), iat: seconds(), exp: seconds() + 12 * 3600 });
  const visit = (headers: Record<string, string>, { workbenchId = WID, method = 'GET', upgrade = false } = {}) =>
    decide(visitOf({ method, headers }, { workbenchId, authority: parseAuthority(headers['host'] ?? HOST), upgrade }));
  return { clock, seconds, owners, lookups, logouts, session, visit, setCloudDown };
}

describe('a visitor without a session', () => {
  test.each<[string, Record<string, string>, object, string]>([
    ['a browser’s page', page, {}, 'signIn'],
    ['a navigation that says so', { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' }, {}, 'signIn'],
    ['a program', {}, {}, 'unauthenticated'],
    ['an asset or a call of the page', { ...page, 'sec-fetch-mode': 'cors' }, {}, 'unauthenticated'],
    ['a form', { ...page, ...own }, { method: 'POST' }, 'unauthenticated'],
    ['a websocket', { ...page, ...own }, { upgrade: true }, 'unauthenticated'],
    ['a random id', page, { workbenchId: 'aaaaaaaaaaaaaaaa0' }, 'signIn'],
    ['a token that is none of ours', { authorization: 'Bearer of-the-app' }, {}, 'unauthenticated'],
    ['a cookie that is none of ours', { cookie: '__Host-wb=a.b' }, {}, 'unauthenticated'],
  ])('(%s) is told so without a look at the cloud', async (_what, headers, more, kind) => {
    const { visit, lookups } = world();
    expect(await visit(headers, more)).toEqual({ kind, rule: 'no-session' });
    expect(lookups).toEqual([]);
  });
});

describe('a session cookie', () => {
  test('lets its user into their workbench', async () => {
    const { visit, session, seconds } = world();
    expect(await visit({ cookie: `a=b; __Host-wb=${session('ann')}` })).toEqual({
      kind: 'entered',
      rule: 'session',
      userId: 'ann',
      identity: {
        kind: 'session',
        userId: 'ann',
        operator: false,
        subject: 'sub-ann',
        expiresAt: (seconds() + 12 * 3600) * 1000,
      },
      stripAuthorization: false,
    });
  });

  test('is found behind one that somebody tossed in front', async () => {
    const { visit, session } = world();
    const cookie = `__Host-wb=tossed; __Host-wb=${session('bob', BOBS)}; __Host-wb=${session('ann')}`;
    expect(await visit({ cookie })).toMatchObject({ kind: 'entered', userId: 'ann' });
  });

  test('of one workbench is none at another', async () => {
    const { visit, session, lookups } = world();
    const cookie = `__Host-wb=${session('bob', BOBS)}`;
    expect(await visit({ cookie })).toEqual({ kind: 'unauthenticated', rule: 'no-session' });
    expect(lookups).toEqual([]);
  });

  test('of somebody else gets the same answer as for no workbench', async () => {
    const { visit, session, owners } = world();
    const cookie = `__Host-wb=${session('bob')}`;
    const { rule, ...others } = await visit({ cookie });
    owners.delete(WID);
    const { rule: ruleOfNone, ...none } = await visit({ cookie });
    expect([rule, ruleOfNone]).toEqual(['not-the-owner', 'no-such-workbench']);
    expect(others).toEqual(none);
    expect(others).toEqual({ kind: 'notFound', userId: 'bob' });
  });

  test('does not outlive its end, though it was seen before', async () => {
    const { clock, visit, session } = world();
    const cookie = `__Host-wb=${session('ann')}`;
    expect(await visit({ cookie })).toMatchObject({ kind: 'entered' });
    clock.pass(12 * HOUR);
    expect(await visit({ cookie })).toEqual({ kind: 'unauthenticated', rule: 'no-session' });
  });

  test('ends with a logout on the record, a later one does not', async () => {
    const { clock, visit, session, owners, seconds } = world();
    const before = `__Host-wb=${session('ann')}`;
    expect(await visit({ cookie: before })).toMatchObject({ kind: 'entered' });
    owners.set(WID, { userId: 'ann', notBefore: seconds() * 1000 });
    expect(await visit({ ...page, cookie: before })).toEqual({ kind: 'signIn', rule: 'session-over', userId: 'ann' });
    clock.pass(1_000);
    expect(await visit({ cookie: `__Host-wb=${session('ann')}` })).toMatchObject({ kind: 'entered' });
  });

  test('ends at once where this replica heard of the logout, without a look', async () => {
    const { clock, visit, session, logouts, lookups, seconds } = world();
    const cookie = `__Host-wb=${session('ann')}`;
    logouts.note('bob', seconds() * 1000);
    expect(await visit({ cookie })).toMatchObject({ kind: 'entered' });
    logouts.note('ann', seconds() * 1000);
    expect(await visit({ cookie })).toMatchObject({ kind: 'unauthenticated', rule: 'session-over' });
    expect(lookups).toHaveLength(1);
    clock.pass(1_000);
    expect(await visit({ cookie: `__Host-wb=${session('ann')}` })).toMatchObject({ kind: 'entered' });
  });

  test.each<[string, Record<string, string>, object, string]>([
    ['a socket without Origin', {}, { upgrade: true }, 'origin-missing'],
    ['a socket of a sibling', { origin: 'https://s.wb.example.net' }, { upgrade: true }, 'origin-foreign'],
    ['a form elsewhere', { origin: 'https://evil.com' }, { method: 'POST' }, 'origin-foreign'],
    ['an image elsewhere', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, {}, 'fetch-site'],
  ])('does not let in %s, before any look', async (_what, headers, more, rule) => {
    const { visit, session, lookups } = world();
    const cookie = `__Host-wb=${session('ann')}`;
    expect(await visit({ cookie, ...headers }, more)).toEqual({ kind: 'forbidden', rule, userId: 'ann' });
    expect(lookups).toEqual([]);
    expect(await visit({ cookie, ...own }, more)).toMatchObject({ kind: 'entered' });
  });

  test('is no answer while the cloud gives none', async () => {
    const { visit, session, setCloudDown } = world();
    setCloudDown();
    await expect(visit({ cookie: `__Host-wb=${session('ann')}` })).rejects.toThrow('down');
  });
});

describe('a bearer token', () => {
  test('of ours is judged by itself, from wherever, and kept from the task', async () => {
    const { visit } = world();
    const entered = { kind: 'entered', rule: 'bearer', userId: 'ann', stripAuthorization: true };
    const foreign = { authorization: bearerOf('ann'), origin: 'https://evil.com' };
    expect(await visit(foreign, { method: 'POST' })).toMatchObject(entered);
    expect(await visit({ authorization: bearerOf('ann') }, { upgrade: true })).toMatchObject(entered);
    expect(await visit({ authorization: bearerOf('bob') })).toMatchObject({ kind: 'notFound', rule: 'not-the-owner' });
    // The static key acts for whichever user it is about.
    expect(await visit({ authorization: 'Bearer static' })).toMatchObject(entered);
  });

  test('of the application stays beside the cookie', async () => {
    const { visit, session } = world();
    const cookie = `__Host-wb=${session('ann')}`;
    for (const authorization of ['Bearer of-the-app', 'token abc', 'Basic YTpi', bearerOf('ann').slice(0, -3)]) {
      const decision = await visit({ cookie, authorization });
      expect(decision).toMatchObject({ kind: 'entered', rule: 'session', stripAuthorization: false });
    }
  });
});

describe('with authentication off', () => {
  const off = () => world({ authenticated: false });

  test('everybody enters, as the owner', async () => {
    const { visit } = off();
    expect(await visit({})).toMatchObject({ kind: 'entered', rule: 'authentication-off', userId: 'ann' });
    expect(await visit({}, { upgrade: true })).toMatchObject({ kind: 'entered' });
    expect(await visit({}, { workbenchId: 'aaaaaaaaaaaaaaaa0' })).toMatchObject({ kind: 'notFound' });
  });

  test('but no page of elsewhere does, not even to read', async () => {
    const { visit, lookups } = off();
    const cases: [Record<string, string>, object][] = [
      [{ origin: 'https://evil.com' }, {}],
      [{ origin: 'null' }, { upgrade: true }],
      [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, {}],
    ];
    for (const [headers, more] of cases) expect(await visit(headers, more)).toMatchObject({ kind: 'forbidden' });
    expect(lookups).toEqual([]);
    expect(await visit({ host: 'localhost:8999', origin: 'http://localhost:8999' })).toMatchObject({ kind: 'entered' });
  });
});

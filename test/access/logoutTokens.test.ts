import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLogouts } from '../../src/access/login/createLogouts.ts';
import { createVerifyLogoutToken, type VerifyLogoutToken } from '../../src/access/login/verifyLogoutToken.ts';
import { createProvider } from '../../src/access/provider/createProvider.ts';
import { createUsed } from '../../src/access/signed/createUsed.ts';
import { fakeClock, HOUR, MINUTE } from './fakeClock.ts';
import { ISSUER, type TestIssuer, testIssuer } from './testIssuer.ts';

const EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
let clock: ReturnType<typeof fakeClock>;
let issuer: TestIssuer;
let verify: VerifyLogoutToken;
let count = 0;

beforeEach(async () => {
  clock = fakeClock();
  issuer = await testIssuer(clock);
  const { key } = createProvider({ issuer: ISSUER, clock, fetch: issuer.fetch });
  verify = createVerifyLogoutToken({ key, issuer: ISSUER, clientId: 'web', used: createUsed(clock), clock });
});

/** As Keycloak sends it. */
function token(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
  count += 1;
  const payload = {
    aud: 'web',
    typ: 'Logout',
    jti: `j${count}`,
    events: EVENT,
    exp: issuer.seconds() + 120,
    ...claims,
  };
  return issuer.token(payload, { typ: 'logout+jwt', ...header });
}

describe('a logout token', () => {
  test('says who has logged out, as of now by our own clock', async () => {
    const early = { iat: issuer.seconds() - 20 };
    expect(await verify(await token(early))).toBe('ann');
    expect(await verify(await token({ aud: ['other', 'web'] }, { typ: 'JWT' }))).toBe('ann');
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['of another issuer', { iss: 'https://other' }, {}],
    ['for another client', { aud: 'other' }, {}],
    ['with a nonce, as ID tokens have', { nonce: 'n' }, {}],
    ['without events', { events: undefined }, {}],
    ['of another event', { events: { 'http://schemas.openid.net/event/other': {} } }, {}],
    ['with events as text', { events: 'http://schemas.openid.net/event/backchannel-logout' }, {}],
    ['without jti', { jti: undefined }, {}],
    ['without iat', { iat: undefined }, {}],
    ['that is stale', { iat: 1_000_000_000, exp: 9_999_999_999 }, {}],
    ['from the future', { iat: 9_999_999_999, exp: 9_999_999_999 }, {}],
    ['that names only a session', { sub: undefined, sid: 's' }, {}],
    ['of another type', {}, { typ: 'at+jwt' }],
  ])('%s is refused', async (_what, claims, header) => {
    await expect(verify(await token(claims, header))).rejects.toMatchObject({
      name: 'InputError',
      code: 'invalid_logout_token',
    });
  });

  test('unsigned, or signed by somebody else, is refused', async () => {
    const [, body = ''] = (await token()).split('.');
    const head = Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url');
    await expect(verify(`${head}.${body}.`)).rejects.toMatchObject({ code: 'invalid_logout_token' });
    const good = await token();
    await verify(good);
    await issuer.rotate('first');
    await expect(verify(await token())).rejects.toMatchObject({ code: 'invalid_logout_token' });
  });

  test('is refused the second time, and still when it is nearly stale', async () => {
    const once = await token({ exp: undefined });
    await verify(once);
    await expect(verify(once)).rejects.toMatchObject({ message: /used before/ });
    clock.pass(2 * MINUTE + 20_000);
    // The next one makes room for itself.
    await verify(await token());
    await expect(verify(once)).rejects.toMatchObject({ message: /used before/ });
    clock.pass(20_000);
    await expect(verify(once)).rejects.toMatchObject({ message: /is not valid/ });
  });
});

describe('logouts that a replica knows of', () => {
  test('end what was signed until then, for as long as that could last', () => {
    const logouts = createLogouts(clock);
    const at = clock.now() / 1000;
    logouts.note('ann', clock.now());
    const before = { user: 'ann', auth_time: at };
    expect(logouts.isOver(before)).toBe(true);
    expect(logouts.isOver({ user: 'ann', auth_time: at + 0.001 })).toBe(false);
    expect(logouts.isOver({ user: 'bob', auth_time: at })).toBe(false);
    clock.pass(12 * HOUR - 1);
    logouts.note('bob', clock.now());
    expect(logouts.isOver(before)).toBe(true);
    clock.pass(1);
    logouts.note('cid', clock.now());
    expect(logouts.isOver(before)).toBe(false);
    expect(logouts.isOver({ user: 'bob', auth_time: at })).toBe(true);
  });

  test('are never taken back by an older one', () => {
    const logouts = createLogouts(clock);
    logouts.note('ann', 2_000_000_000_000);
    logouts.note('ann', 1_900_000_000_000);
    expect(logouts.isOver({ user: 'ann', auth_time: 2_000_000_000 })).toBe(true);
  });
});

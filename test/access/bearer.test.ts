import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { assertActsFor } from '../../src/access/assertActsFor.ts';
import { createAuthenticator } from '../../src/access/bearer/createAuthenticator.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { aToken, inSeconds } from '../support/tokens.ts';

const KEY = 'a key for tokens that is long enough';
const STATIC = 'static-key';
const exp = inSeconds(3600);
const none = { staticKey: undefined, jwtKey: undefined, userClaim: undefined };
const off = createAuthenticator(none, undefined, systemClock);
const both = createAuthenticator({ staticKey: STATIC, jwtKey: KEY, userClaim: undefined }, undefined, systemClock);
const ofUsers = createAuthenticator({ staticKey: STATIC, jwtKey: KEY, userClaim: 'sub' }, undefined, systemClock);
const staticOnly = createAuthenticator({ ...none, staticKey: STATIC }, undefined, systemClock);

describe('a bearer token', () => {
  test('is not asked for where nothing could check it, and everybody is an operator', async () => {
    expect(await off.authenticate(undefined)).toEqual({ kind: 'anyone', operator: true });
    expect(off.known('Bearer x')).toEqual({ kind: 'anyone', operator: true });
  });

  test('that is the static key acts for all', async () => {
    const expected = { kind: 'staticKey', operator: true };
    expect(await both.authenticate(`bearer   ${STATIC} `)).toEqual(expected);
    expect(both.known(`Bearer ${STATIC}`)).toEqual(expected);
  });

  test('that is a JWT acts for all, or for its user alone, until it expires', async () => {
    const expiresAt = exp * 1000;
    const token = `Bearer ${aToken({ exp, sub: 'ann' }, KEY)}`;
    expect(await both.authenticate(token)).toEqual({ kind: 'jwt', operator: true, expiresAt });
    expect(await ofUsers.authenticate(token)).toEqual({ kind: 'jwt', operator: false, userId: 'ann', expiresAt });
  });

  test('is known without a look after it was seen, and never if it was not good', async () => {
    const good = `Bearer ${aToken({ exp, jti: 'known' }, KEY)}`;
    const bad = `Bearer ${aToken({ exp }, 'another key')}`;
    expect(both.known(good)).toBeUndefined();
    await both.authenticate(good);
    await expect(both.authenticate(bad)).rejects.toThrow();
    expect(both.known(good)).toMatchObject({ kind: 'jwt' });
    expect(both.known(bad)).toBeUndefined();
  });

  const needsExp = 'The token needs an "exp" claim in the future';
  const needsUser = 'The token needs the claim "sub" with the user it acts for';
  test.each([
    ['no header', both, undefined, 'unauthenticated', 'Send a token: "Authorization: Bearer <token>"'],
    ['another scheme', both, `Basic ${STATIC}`, 'unauthenticated', 'Send a token: "Authorization: Bearer <token>"'],
    ['another static key', staticOnly, 'Bearer static-kez', 'invalid_token', 'The token is not valid'],
    ['a prefix of the static key', staticOnly, 'Bearer static-ke', 'invalid_token', 'The token is not valid'],
    ['no JWT', both, 'Bearer a.b.c', 'invalid_token', 'The token is not valid'],
    [
      'HS512',
      both,
      `Bearer ${aToken({ exp }, KEY, { alg: 'HS512' }, 'sha512')}`,
      'invalid_token',
      'The token is not valid',
    ],
    ['expired', both, `Bearer ${aToken({ exp: 1 }, KEY)}`, 'invalid_token', 'The token has expired; get a new one'],
    ['without exp', both, `Bearer ${aToken({}, KEY)}`, 'invalid_token', needsExp],
    ['text', both, `Bearer ${aToken('text', KEY)}`, 'invalid_token', needsExp],
    ['without its user', ofUsers, `Bearer ${aToken({ exp }, KEY)}`, 'invalid_token', needsUser],
    ['of a user beyond ASCII', ofUsers, `Bearer ${aToken({ exp, sub: 'ü' }, KEY)}`, 'invalid_token', needsUser],
    [
      'of a user of 129 characters',
      ofUsers,
      `Bearer ${aToken({ exp, sub: 'u'.repeat(129) }, KEY)}`,
      'invalid_token',
      needsUser,
    ],
  ])('that is %s is refused as it always was', async (_what, authenticator, authorization, code, message) => {
    await expect(authenticator.authenticate(authorization)).rejects.toMatchObject({ code, message });
  });

  test('whose end is no date is refused, not kept for ever', async () => {
    const [head] = aToken({}, KEY).split('.');
    const body = Buffer.from('{"exp":1e999}').toString('base64url');
    const signature = createHmac('sha256', KEY).update(`${head}.${body}`).digest('base64url');
    await expect(both.authenticate(`Bearer ${head}.${body}.${signature}`)).rejects.toMatchObject({ message: needsExp });
  });
});

describe('acting for a user', () => {
  const ann = { kind: 'oidc', userId: 'ann', operator: false } as const;
  test('is for that user, and for operators', () => {
    assertActsFor(ann, undefined);
    assertActsFor(ann, 'ann');
    assertActsFor({ ...ann, operator: true }, 'bob');
    assertActsFor({ kind: 'staticKey', operator: true }, 'bob');
    expect(() => assertActsFor(ann, 'bob')).toThrow('This token acts for another user');
  });
});

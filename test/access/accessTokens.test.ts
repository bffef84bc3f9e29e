import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CompactSign, exportSPKI } from 'jose';
import type { Claims } from '../../src/access/bearer/accessToken.ts';
import { createAuthenticator } from '../../src/access/bearer/createAuthenticator.ts';
import { createVerifyAccessToken } from '../../src/access/bearer/verifyAccessToken.ts';
import { createProvider } from '../../src/access/provider/createProvider.ts';
import { aToken } from '../support/tokens.ts';
import { fakeClock } from './fakeClock.ts';
import { ISSUER, type TestIssuer, testIssuer } from './testIssuer.ts';

const clock = fakeClock();
const rules = { issuer: ISSUER, audience: 'workbenches', clientId: 'web', userClaim: 'sub', operatorRole: 'operator' };
let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer(clock);
});

function verifier(changed: Partial<typeof rules> = {}) {
  const { key } = createProvider({ issuer: ISSUER, clock, fetch: issuer.fetch });
  return createVerifyAccessToken(key, { ...rules, ...changed }, clock);
}
const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const invalid = (message: RegExp) => ({
  name: 'AuthenticationError',
  code: 'invalid_token',
  message: expect.stringMatching(message),
});

describe('an access token of the provider', () => {
  test('acts for its user, until it expires', async () => {
    expect(await verifier()(await issuer.token())).toEqual({
      kind: 'oidc',
      userId: 'ann',
      subject: 'ann',
      operator: false,
      expiresAt: (issuer.seconds() + 300) * 1000,
    });
  });

  test.each([['RS256'], ['PS256'], ['RS512'], ['ES384']])('may be signed by %s', async (alg) => {
    const other = await testIssuer(clock);
    await other.rotate('k', { alg });
    const { key } = createProvider({ issuer: ISSUER, clock, fetch: other.fetch });
    const verify = createVerifyAccessToken(key, rules, clock);
    expect(await verify(await other.token())).toMatchObject({ userId: 'ann' });
  });

  test.each<[string, Claims, Record<string, unknown>]>([
    ['Keycloak’s, whatever its header says', {}, { typ: undefined }],
    ['RFC 9068’s', { typ: undefined }, { typ: 'at+jwt' }],
    ['RFC 9068’s in full', { typ: undefined, nonce: 'n' }, { typ: 'application/AT+JWT' }],
    ['a plain JWT', { typ: undefined }, { typ: 'JWT' }],
    ['for us alone', { aud: 'workbenches' }, {}],
    ['of a clock 25 s fast', { iat: 25 }, {}],
    ['over for 25 s', { exp: -25 }, {}],
    ['from 25 s ahead', { nbf: 25 }, {}],
  ])('passes if it is %s', async (_what, claims, header) => {
    const dates = Object.fromEntries(
      Object.entries(claims).map(([name, value]) => [
        name,
        typeof value === 'number' ? issuer.seconds() + value : value,
      ]),
    );
    expect(await verifier()(await issuer.token(dates, header))).toMatchObject({ userId: 'ann' });
  });

  test.each<[string, Claims, Record<string, unknown>, RegExp]>([
    ['of another issuer', { iss: `${ISSUER}/` }, {}, /another issuer: its "iss" must be https:\/\/id/],
    [
      'for another audience',
      { aud: 'account' },
      {},
      /"aud" must contain "workbenches" \(in Keycloak, add an audience mapper/,
    ],
    ['for nobody', { aud: undefined }, {}, /"aud" must contain/],
    ['an ID token', { typ: 'ID' }, {}, /no access token/],
    ['a refresh token', { typ: 'Refresh' }, {}, /no access token/],
    ['a logout token', { typ: 'Logout', events: {} }, { typ: 'logout+jwt' }, /no access token/],
    ['a logout token that calls itself Bearer', { events: {} }, {}, /no access token/],
    ['an ID token of others, by its nonce', { typ: undefined, nonce: 'n' }, { typ: 'JWT' }, /no access token/],
    ['an ID token of others, by its at_hash', { typ: undefined, at_hash: 'h' }, { typ: 'JWT' }, /no access token/],
    ['a logout token of others', { typ: undefined, events: {} }, { typ: 'JWT' }, /no access token/],
    ['of no type', { typ: undefined }, { typ: undefined }, /no access token/],
    ['without sub', { sub: undefined }, {}, /no "sub".*scope "basic"/],
    ['of a user beyond ASCII', { sub: 'ü' }, {}, /claim "sub".*printable ASCII/],
    ['of a user of 129 characters', { sub: 'u'.repeat(129) }, {}, /claim "sub"/],
    ['of an empty user', { sub: '' }, {}, /claim "sub"/],
    ['over for 90 s', { exp: -90 }, {}, /has expired/],
    ['from 90 s ahead', { nbf: 90 }, {}, /not valid/],
    ['issued 90 s ahead', { iat: 90 }, {}, /from the future/],
    ['without end', { exp: undefined }, {}, /"exp"/],
  ])('is refused if it is %s', async (_what, claims, header, message) => {
    const dates = Object.fromEntries(
      Object.entries(claims).map(([name, value]) => [
        name,
        typeof value === 'number' ? issuer.seconds() + value : value,
      ]),
    );
    await expect(verifier()(await issuer.token(dates, header))).rejects.toMatchObject(invalid(message));
  });

  test('whose end is no number is refused', async () => {
    const { kid, alg, privateKey } = issuer.current();
    const claims = { iss: ISSUER, aud: 'workbenches', sub: 'ann', typ: 'Bearer' };
    const payload = JSON.stringify(claims).replace(/}$/, ',"exp":1e999}');
    const token = await new CompactSign(Buffer.from(payload))
      .setProtectedHeader({ typ: 'JWT', kid, alg })
      .sign(privateKey);
    await expect(verifier()(token)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  test('is refused unsigned, altered, or signed by HMAC with the public key', async () => {
    const rsa = await testIssuer(clock);
    await rsa.rotate('rsa', { alg: 'RS256' });
    const { key } = createProvider({ issuer: ISSUER, clock, fetch: rsa.fetch });
    const verify = createVerifyAccessToken(key, rules, clock);
    const good = await rsa.token();
    expect(await verify(good)).toMatchObject({ userId: 'ann' });
    const [head = '', body = '', signature = ''] = good.split('.');
    const { kid, publicKey } = rsa.current();
    const content = `${encoded({ alg: 'HS256', typ: 'JWT', kid })}.${body}`;
    const hmac = createHmac('sha256', await exportSPKI(publicKey))
      .update(content)
      .digest('base64url');
    const altered = encoded({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'bob' });
    for (const token of [
      `${encoded({ alg: 'none', typ: 'JWT', kid })}.${body}.`,
      `${head}.${body}.`,
      `${head}.${altered}.${signature}`,
      `${content}.${hmac}`,
    ]) {
      await expect(verify(token)).rejects.toMatchObject(invalid(/^The token is not valid$/));
    }
  });
});

describe('the user claim', () => {
  test.each<[string, Claims, unknown]>([
    ['preferred_username', { preferred_username: 'annie' }, { userId: 'annie', subject: 'ann' }],
    ['email', { email: 'ann@example.com', email_verified: true }, { userId: 'ann@example.com' }],
  ])('may be %s', async (userClaim, claims, expected) => {
    expect(await verifier({ userClaim })(await issuer.token(claims))).toMatchObject(expected as object);
  });

  test.each<[string, Claims]>([
    ['says no', { email_verified: false }],
    ['says yes as text', { email_verified: 'true' }],
    ['is missing', {}],
  ])('email is refused where email_verified %s', async (_what, claims) => {
    const token = await issuer.token({ email: 'ann@example.com', ...claims });
    await expect(verifier({ userClaim: 'email' })(token)).rejects.toMatchObject(invalid(/not verified/));
  });
});

describe('the operator role', () => {
  const roles = ['operator'];
  test.each<[string, Claims, boolean]>([
    ['of the realm', { realm_access: { roles } }, true],
    ['of our audience’s client', { resource_access: { workbenches: { roles } } }, true],
    ['of our own client', { resource_access: { web: { roles } } }, true],
    ['of others’ plain claim', { roles }, true],
    ['of another client', { resource_access: { account: { roles } } }, false],
    ['as text', { roles: 'operator' }, false],
    ['in another role’s name', { roles: ['co-operator'] }, false],
    ['in odd shapes', { realm_access: null, resource_access: [1], roles: [null, 7, {}] }, false],
  ])('%s', async (_where, claims, operator) => {
    expect(await verifier()(await issuer.token(claims))).toMatchObject({ userId: 'ann', operator });
  });
});

describe('beside the other kinds', () => {
  const JWT_KEY = 'a key for tokens that is long enough';
  const all = () => createAuthenticator({ staticKey: 'key', jwtKey: JWT_KEY, userClaim: 'sub' }, verifier(), clock);

  test('each passes, and is remembered until it expires', async () => {
    const authenticator = all();
    const token = `Bearer ${await issuer.token()}`;
    expect(authenticator.known(token)).toBeUndefined();
    expect(await authenticator.authenticate(token)).toMatchObject({ kind: 'oidc' });
    expect(authenticator.known(token)).toMatchObject({ kind: 'oidc', userId: 'ann' });
    const hmac = aToken({ exp: Math.floor(Date.now() / 1000) + 9_000_000, sub: 'bob' }, JWT_KEY);
    expect(await authenticator.authenticate(`Bearer ${hmac}`)).toMatchObject({ kind: 'jwt', userId: 'bob' });
    expect(await authenticator.authenticate('Bearer key')).toMatchObject({ kind: 'staticKey' });
    clock.pass(301_000);
    expect(authenticator.known(token)).toBeUndefined();
  });

  test('none passes as another', async () => {
    const hmac = aToken({ iss: ISSUER, aud: 'workbenches', sub: 'ann', typ: 'Bearer', exp: 9e9 }, 'not the key');
    await expect(all().authenticate(`Bearer ${hmac}`)).rejects.toMatchObject(invalid(/^The token is not valid$/));
    await expect(all().authenticate('Bearer nonsense')).rejects.toMatchObject(invalid(/^The token is not valid$/));
  });
});

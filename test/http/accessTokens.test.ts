import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CompactSign, exportSPKI } from 'jose';
import { createAuthenticator } from '../../src/access/bearer/createAuthenticator.ts';
import { createVerifyAccessToken } from '../../src/access/bearer/verifyAccessToken.ts';
import { createProvider } from '../../src/access/provider/createProvider.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { fakeClock, HOUR, MINUTE } from '../access/fakeClock.ts';
import { ISSUER, testIssuer } from '../access/testIssuer.ts';
import { type BothWays, startBothWays, views } from './startBothWays.ts';

type Claims = Readonly<Record<string, unknown>>;
const none = { staticKey: undefined, jwtKey: undefined, userClaim: undefined };
const config = { authentication: none, urlPrefix: '', corsOrigins: [], gatewayBasePath: undefined };
const OF_ANN = `/workbenches/${views[0]?.workbench.id}`;
const OF_BOB = `/workbenches/${views[2]?.workbench.id}`;
const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

const started: BothWays[] = [];
afterEach(async () => {
  for (const ways of started.splice(0)) await ways.close();
});

/** The API before a provider in memory, and time that a test moves. */
async function start(rules: Readonly<{ userClaim?: string; alg?: string }> = {}) {
  const { userClaim = 'sub', alg = 'ES256' } = rules;
  const clock = fakeClock();
  const issuer = await testIssuer(clock);
  if (alg !== 'ES256') await issuer.rotate('of another kind', { alg });
  const { key } = createProvider({ issuer: ISSUER, clock, fetch: issuer.fetch });
  const audience = 'workbenches';
  const read = { issuer: ISSUER, audience, clientId: undefined, userClaim, operatorRole: 'operator' };
  const authenticator = createAuthenticator(none, createVerifyAccessToken(key, read, clock), clock);
  const ways = await startBothWays(config, { authenticator, clock: { ...systemClock, now: clock.now } });
  started.push(ways);
  const get = async (path: string, token: string, method = 'GET') => {
    const lines = `Host: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`;
    const text = await ways.short.send(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return { status: Number(text.slice(9, 12)), head, body: body === '' ? undefined : JSON.parse(body) };
  };
  const status = async (token: string, path = OF_ANN) => (await get(path, token)).status;
  /** Dates in claims are seconds from now. */
  const token = (claims: Claims, header: Record<string, unknown> = {}) =>
    issuer.token(
      Object.fromEntries(
        Object.entries(claims).map(([name, value]) => [
          name,
          typeof value === 'number' ? issuer.seconds() + value : value,
        ]),
      ),
      header,
    );
  return { clock, issuer, ways, get, status, token };
}

describe('an access token of the provider', () => {
  test.each(['ES256', 'RS256'])('signed by %s acts for its user, who need not be named', async (alg) => {
    const { issuer, ways, get, status } = await start({ alg });
    const token = await issuer.token();
    expect(await status(token)).toBe(200);
    // From its second time on memory knows it.
    expect([await status(token), await status(token), ways.short.asked()]).toEqual([200, 200, 1]);
    expect(await status(token, `${OF_ANN}?user_id=ann`)).toBe(200);
    expect((await get('/workbenches', token)).body.items).toHaveLength(2);
    expect((await get('/me', token)).body.item).toEqual({
      user_id: 'ann',
      operator: false,
      expires_at: new Date((issuer.seconds() + 300) * 1000).toISOString(),
    });
  });

  test('may not act for another, whose workbench is as none', async () => {
    const { issuer, get, status } = await start();
    const token = await issuer.token();
    for (const path of [OF_ANN, OF_BOB, '/workbenches']) {
      const { status: refused, body } = await get(`${path}?user_id=bob`, token);
      expect([refused, body.error.code]).toEqual([403, 'not_allowed']);
    }
    expect(await status(token, OF_BOB)).toBe(404);
    expect((await get(`${OF_ANN}/stop?user_id=bob`, token, 'POST')).status).toBe(403);
  });

  test('of an operator acts for whom it names, and else for its own user', async () => {
    const { issuer, get, status } = await start();
    const token = await issuer.token({ realm_access: { roles: ['operator'] } });
    expect(await status(token, `${OF_BOB}?user_id=bob`)).toBe(200);
    expect(await status(token, OF_ANN)).toBe(200);
    expect(await status(token, OF_BOB)).toBe(404);
    expect((await get('/me', token)).body.item).toMatchObject({ user_id: 'ann', operator: true });
    const other = await issuer.token({ realm_access: { roles: ['co-operator'] } });
    expect(await status(other, `${OF_BOB}?user_id=bob`)).toBe(403);
  });

  test.each<[string, Claims, Record<string, unknown>]>([
    ['of RFC 9068', { typ: undefined }, { typ: 'at+jwt' }],
    ['that is a plain JWT', { typ: undefined }, { typ: 'JWT' }],
    ['over for 25 s', { exp: -25 }, {}],
    ['of a clock 25 s ahead', { iat: 25, nbf: 25 }, {}],
  ])('%s passes', async (_what, claims, header) => {
    const { status, token } = await start();
    expect(await status(await token(claims, header))).toBe(200);
  });

  test.each<[string, Claims, Record<string, unknown>, RegExp]>([
    ['of another issuer', { iss: `${ISSUER}/` }, {}, /another issuer/],
    ['for account alone', { aud: 'account' }, {}, /audience mapper/],
    ['for nobody', { aud: undefined }, {}, /"aud"/],
    ['that is an ID token', { typ: 'ID' }, {}, /no access token/],
    ['that is a refresh token', { typ: 'Refresh' }, {}, /no access token/],
    ['that is a logout token', { typ: 'Logout', events: {} }, { typ: 'logout+jwt' }, /no access token/],
    ['of no type with a nonce', { typ: undefined, nonce: 'n' }, {}, /no access token/],
    ['of no type with at_hash', { typ: undefined, at_hash: 'h' }, {}, /no access token/],
    ['of no type with events', { typ: undefined, events: {} }, {}, /no access token/],
    ['of no type at all', { typ: undefined }, { typ: undefined }, /no access token/],
    ['without sub', { sub: undefined }, {}, /scope "basic"/],
    ['of a user beyond ASCII', { sub: 'ü' }, {}, /printable ASCII/],
    ['of a user of 129 characters', { sub: 'u'.repeat(129) }, {}, /1 to 128/],
    ['over for 90 s', { exp: -90 }, {}, /expired/],
    ['of a clock 90 s ahead', { nbf: 90 }, {}, /not valid/],
    ['issued 90 s ahead', { iat: 90 }, {}, /from the future/],
    ['without end', { exp: undefined }, {}, /"exp"/],
  ])('%s is a 401 that says why', async (_what, claims, header, message) => {
    const { get, status, token } = await start();
    const sent = await token(claims, header);
    const { status: refused, head, body } = await get(OF_ANN, sent);
    expect([refused, body.error.code]).toEqual([401, 'invalid_token']);
    expect(body.error.message).toMatch(message);
    expect(head).toMatch(/^WWW-Authenticate: Bearer error="invalid_token"$/m);
    expect(JSON.stringify(body)).not.toContain(sent);
    expect(await status(sent)).toBe(401);
  });

  test.each([[false], [undefined], ['true']])('by e-mail, with email_verified %p, is a 401', async (verified) => {
    const { issuer, get } = await start({ userClaim: 'email' });
    const email = { email: 'ann@example.com' };
    expect((await get('/me', await issuer.token({ ...email, email_verified: true }))).body.item.user_id).toBe(
      email.email,
    );
    const { status, body } = await get('/me', await issuer.token({ ...email, email_verified: verified }));
    expect([status, body.error.message]).toEqual([401, expect.stringMatching(/not verified/)]);
  });

  test('unsigned, altered, endless, or signed by HMAC with the public key is a 401', async () => {
    const { issuer, status } = await start({ alg: 'RS256' });
    const good = await issuer.token();
    expect(await status(good)).toBe(200);
    const [head = '', body = '', signature = ''] = good.split('.');
    const { kid, alg, publicKey, privateKey } = issuer.current();
    const content = `${encoded({ alg: 'HS256', typ: 'JWT', kid })}.${body}`;
    const pem = await exportSPKI(publicKey);
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const endless = new CompactSign(
      Buffer.from(JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e999')),
    );
    for (const token of [
      `${encoded({ alg: 'none', typ: 'JWT', kid })}.${body}.`,
      `${head}.${body}.`,
      `${head}.${encoded({ ...claims, sub: 'bob' })}.${signature}`,
      `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`,
      await endless.setProtectedHeader({ typ: 'JWT', kid, alg }).sign(privateKey),
      'nonsense',
    ]) {
      expect(await status(token)).toBe(401);
    }
  });

  test('passes until it expires', async () => {
    const { clock, issuer, status } = await start();
    const token = await issuer.token();
    expect(await status(token)).toBe(200);
    clock.pass(5 * MINUTE + 31_000);
    expect(await status(token)).toBe(401);
  });
});

describe('the provider’s keys', () => {
  test('may change: new tokens pass at once, old ones as long as it has their key', async () => {
    const { clock, issuer, status } = await start();
    const old = await issuer.token();
    expect(await status(old)).toBe(200);
    clock.pass(MINUTE);
    await issuer.rotate('second', { keep: true });
    expect(await status(await issuer.token())).toBe(200);
    expect(await status(old)).toBe(200);
    clock.pass(MINUTE);
    await issuer.rotate('third');
    expect(await status(await issuer.token())).toBe(200);
    expect(issuer.fetched).toHaveLength(6);
  });

  test('serve while it is away for a quarter of an hour', async () => {
    const { clock, issuer, status } = await start();
    expect(await status(await issuer.token())).toBe(200);
    issuer.setDown(true);
    for (let minute = 0; minute < 15; minute += 1) {
      clock.pass(MINUTE);
      expect(await status(await issuer.token())).toBe(200);
    }
    clock.pass(24 * HOUR);
    expect(await status(await issuer.token())).toBe(503);
  });

  test('that were never had are a 503 with Retry-After, until it is back', async () => {
    const { clock, issuer, get } = await start();
    issuer.setDown(true);
    const { status, head, body } = await get(OF_ANN, await issuer.token());
    expect([status, body.error.code]).toEqual([503, 'provider_unavailable']);
    expect(head).toMatch(/^Retry-After: 30$/m);
    issuer.setDown(false);
    clock.pass(30_000);
    expect((await get(OF_ANN, await issuer.token())).status).toBe(200);
  });

  test('are looked up once, however many unknown ones are named', async () => {
    const { clock, issuer, status } = await start();
    expect(await status(await issuer.token())).toBe(200);
    const before = issuer.fetched.length;
    clock.pass(MINUTE);
    const flood = Array.from({ length: 50 }, async (_, index) => status(await issuer.token({}, { kid: `k${index}` })));
    expect(new Set(await Promise.all(flood))).toEqual(new Set([401]));
    // The provider's description and its keys.
    expect(issuer.fetched.length - before).toBe(2);
  });
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import { createVerifyAccessToken } from '../../src/access/bearer/verifyAccessToken.ts';
import { createProvider } from '../../src/access/provider/createProvider.ts';
import { fakeClock, HOUR, MINUTE } from './fakeClock.ts';
import { ISSUER, type TestIssuer, testIssuer } from './testIssuer.ts';

const rules = {
  issuer: ISSUER,
  audience: 'workbenches',
  clientId: undefined,
  userClaim: 'sub',
  operatorRole: undefined,
};
let clock: ReturnType<typeof fakeClock>;
let issuer: TestIssuer;
let verify: (token: string) => Promise<unknown>;
const looks = () => issuer.fetched.filter((url) => url.endsWith('/certs')).length;
const attempts = () => issuer.fetched.filter((url) => url.endsWith('/openid-configuration')).length;
const unavailable = { name: 'UnavailableError', code: 'provider_unavailable', retryAfterSeconds: 30 };

beforeEach(async () => {
  clock = fakeClock();
  issuer = await testIssuer(clock);
  const { key } = createProvider({ issuer: ISSUER, clock, fetch: issuer.fetch });
  verify = createVerifyAccessToken(key, rules, clock);
});

describe('the provider’s keys', () => {
  test('are fetched once for many tokens at a time', async () => {
    const token = await issuer.token();
    await Promise.all(Array.from({ length: 20 }, () => verify(token)));
    expect(looks()).toBe(1);
  });

  test('are fetched again for a key that is new', async () => {
    await verify(await issuer.token());
    await issuer.rotate('second');
    clock.pass(31_000);
    expect(await verify(await issuer.token())).toMatchObject({ userId: 'ann' });
    expect(looks()).toBe(2);
  });

  test('are not fetched for every unknown one', async () => {
    await verify(await issuer.token());
    clock.pass(31_000);
    const flood = Array.from({ length: 50 }, async (_, index) => verify(await issuer.token({}, { kid: `k${index}` })));
    const outcomes = await Promise.allSettled(flood);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(outcomes[0]).toMatchObject({ reason: { code: 'invalid_token' } });
    expect(looks()).toBe(2);
    expect(await verify(await issuer.token())).toMatchObject({ userId: 'ann' });
  });

  test('cost no look for tokens of other issuers', async () => {
    await expect(verify(await issuer.token({ iss: 'https://other' }))).rejects.toThrow('another issuer');
    expect(attempts()).toBe(0);
  });

  test('that were taken back stop to serve after ten minutes', async () => {
    const old = await issuer.token({ exp: issuer.seconds() + 3600 });
    await verify(old);
    await issuer.rotate('second');
    clock.pass(11 * MINUTE);
    // This one looks again, without waiting for it.
    await verify(old);
    await verify(await issuer.token());
    await expect(verify(old)).rejects.toMatchObject({ code: 'invalid_token' });
  });
});

describe('while the provider is down', () => {
  test('tokens of keys that are held pass for a day, at one attempt in 30 s', async () => {
    await verify(await issuer.token());
    issuer.setDown(true);
    clock.pass(15 * MINUTE);
    const before = attempts();
    for (let second = 0; second < 60; second += 1) {
      expect(await verify(await issuer.token())).toMatchObject({ userId: 'ann' });
      clock.pass(1_000);
    }
    expect(attempts() - before).toBe(2);
    clock.pass(23 * HOUR);
    await verify(await issuer.token());
    clock.pass(HOUR);
    await expect(verify(await issuer.token())).rejects.toMatchObject(unavailable);
  });

  test('nobody is told that a good token is bad: without keys it is unknown, and the next attempt may tell', async () => {
    issuer.setDown(true);
    const token = await issuer.token({ exp: issuer.seconds() + 3600 });
    await expect(verify(token)).rejects.toMatchObject(unavailable);
    await expect(verify(token)).rejects.toMatchObject(unavailable);
    expect(attempts()).toBe(1);
    issuer.setDown(false);
    clock.pass(31_000);
    expect(await verify(token)).toMatchObject({ userId: 'ann' });
  });

  test('so with a key that is not among those held', async () => {
    await verify(await issuer.token());
    await issuer.rotate('second');
    issuer.setDown(true);
    clock.pass(31_000);
    await expect(verify(await issuer.token())).rejects.toMatchObject(unavailable);
  });
});

describe('a provider', () => {
  const answering = (answers: Record<string, unknown>) => async (url: string | URL | Request) =>
    String(url) in answers ? Response.json(answers[String(url)]) : new Response(null, { status: 404 });
  const wellKnown = `${ISSUER}/.well-known/openid-configuration`;

  test.each<[string, Record<string, unknown>]>([
    ['that calls itself otherwise', { [wellKnown]: { issuer: `${ISSUER}/`, jwks_uri: `${ISSUER}/certs` } }],
    ['whose keys travel in the clear', { [wellKnown]: { issuer: ISSUER, jwks_uri: 'http://id.example.com/certs' } }],
    ['without keys', { [wellKnown]: { issuer: ISSUER } }],
    ['that is none', {}],
  ])('%s is not believed', async (_what, answers) => {
    const all = { ...answers, [`${ISSUER}/certs`]: { keys: [] }, 'http://id.example.com/certs': { keys: [] } };
    const { metadata } = createProvider({ issuer: ISSUER, clock, fetch: answering(all) });
    await expect(metadata()).rejects.toMatchObject(unavailable);
  });
});

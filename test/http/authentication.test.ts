import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startWorld, type World } from '../support/startWorld.ts';
import { aToken, inSeconds } from '../support/tokens.ts';

const KEY = 'a key for tokens that is long enough';
const STATIC = 'static-key';
const valid = { exp: inSeconds(3600) };
const list = (world: World, authorization?: string, user: string | undefined = 'ada') => {
  const call = request(world.url).get(`/workbenches${user ? `?user_id=${user}` : ''}`);
  return authorization === undefined ? call : call.set('Authorization', authorization);
};

const worlds = new Map<string, World>();
const worldOf = (name: string): World => {
  const world = worlds.get(name);
  if (!world) throw new Error(name);
  return world;
};

beforeAll(async () => {
  const RESTAPI_AUTH_STATIC_KEY = STATIC;
  const RESTAPI_AUTH_JWT_KEY = KEY;
  const environments = {
    none: {},
    static: { RESTAPI_AUTH_STATIC_KEY },
    jwt: { RESTAPI_AUTH_JWT_KEY },
    both: { RESTAPI_AUTH_STATIC_KEY, RESTAPI_AUTH_JWT_KEY },
    user: { RESTAPI_AUTH_STATIC_KEY, RESTAPI_AUTH_JWT_KEY, RESTAPI_AUTH_JWT_USER_CLAIM: 'sub' },
  };
  for (const [name, environment] of Object.entries(environments)) worlds.set(name, await startWorld(environment));
});
afterAll(async () => {
  await Promise.all([...worlds.values()].map((world) => world[Symbol.asyncDispose]()));
});

describe('without keys', () => {
  test.each([undefined, 'Bearer anything', 'nonsense'])('anyone passes, with the header %p', async (authorization) => {
    expect((await list(worldOf('none'), authorization)).status).toBe(200);
  });
});

describe('a token that is good', () => {
  test.each([
    ['static', 'the static key', `Bearer ${STATIC}`],
    ['static', 'the static key in another spelling of the scheme', `bearer   ${STATIC} `],
    ['jwt', 'a JWT', `Bearer ${aToken(valid, KEY)}`],
    ['jwt', 'a JWT whose nbf has passed', `Bearer ${aToken({ ...valid, nbf: inSeconds(-5) }, KEY)}`],
    ['both', 'the static key', `Bearer ${STATIC}`],
    ['both', 'a JWT', `Bearer ${aToken(valid, KEY)}`],
    ['user', 'the static key, which acts for all', `Bearer ${STATIC}`],
    ['user', 'a JWT of that user', `Bearer ${aToken({ ...valid, sub: 'ada' }, KEY)}`],
  ])('passes with keys "%s": %s, twice', async (keys, _kind, authorization) => {
    expect((await list(worldOf(keys), authorization)).status).toBe(200);
    expect((await list(worldOf(keys), authorization)).status).toBe(200);
  });
});

describe('a token that is not good', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const rsaContent = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(valid)}`;
  const rsa = `${rsaContent}.${createSign('sha256').update(rsaContent).sign(privateKey, 'base64url')}`;
  const [head = '', body = '', signature = ''] = aToken(valid, KEY).split('.');

  test.each([
    ['static', 'another key', 'Bearer static-kez'],
    ['static', 'a longer key', `Bearer ${STATIC}x`],
    ['static', 'a JWT', `Bearer ${aToken(valid, STATIC)}`],
    ['jwt', 'the static key of elsewhere', `Bearer ${STATIC}`],
    ['jwt', 'the JWT key itself', `Bearer ${KEY.replaceAll(' ', '')}`],
    ['jwt', 'another key’s signature', `Bearer ${aToken(valid, 'another key')}`],
    ['jwt', 'no signature', `Bearer ${head}.${body}.`],
    ['jwt', 'a signature of another payload', `Bearer ${head}.${encoded({ exp: inSeconds(9999) })}.${signature}`],
    ['jwt', 'alg none', `Bearer ${encoded({ alg: 'none' })}.${body}.`],
    ['jwt', 'alg none with a signature', `Bearer ${aToken(valid, KEY, { alg: 'none', typ: 'JWT' })}`],
    ['jwt', 'HS512', `Bearer ${aToken(valid, KEY, { alg: 'HS512', typ: 'JWT' }, 'sha512')}`],
    ['jwt', 'HS384', `Bearer ${aToken(valid, KEY, { alg: 'HS384', typ: 'JWT' }, 'sha384')}`],
    ['jwt', 'RS256', `Bearer ${rsa}`],
    ['jwt', 'RS256 in name, HS256 in truth', `Bearer ${aToken(valid, KEY, { alg: 'RS256', typ: 'JWT' })}`],
    [
      'jwt',
      'a header that nobody here knows',
      `Bearer ${aToken(valid, KEY, { alg: 'HS256', crit: ['b64'], b64: true })}`,
    ],
    ['jwt', 'an expired one', `Bearer ${aToken({ exp: inSeconds(-1) }, KEY)}`],
    ['jwt', 'no exp', `Bearer ${aToken({ sub: 'ada' }, KEY)}`],
    ['jwt', 'exp as text', `Bearer ${aToken({ exp: String(inSeconds(3600)) }, KEY)}`],
    ['jwt', 'exp null', `Bearer ${aToken({ exp: null }, KEY)}`],
    ['jwt', 'an nbf to come', `Bearer ${aToken({ ...valid, nbf: inSeconds(60) }, KEY)}`],
    ['jwt', 'nbf as text', `Bearer ${aToken({ ...valid, nbf: 'now' }, KEY)}`],
    ['jwt', 'a payload that is text', `Bearer ${aToken('text', KEY)}`],
    ['jwt', 'a payload that is null', `Bearer ${aToken(null, KEY)}`],
    ['jwt', 'a payload that is a list', `Bearer ${aToken([1], KEY)}`],
    ['jwt', 'two parts', `Bearer ${head}.${body}`],
    ['jwt', 'parts that are no JSON', 'Bearer a.b.c'],
    ['user', 'a missing user claim', `Bearer ${aToken(valid, KEY)}`],
    ['user', 'an empty user claim', `Bearer ${aToken({ ...valid, sub: '' }, KEY)}`],
    ['user', 'a user claim that is a number', `Bearer ${aToken({ ...valid, sub: 7 }, KEY)}`],
    ['user', 'a user claim that is no user id', `Bearer ${aToken({ ...valid, sub: 'ü' }, KEY)}`],
    ['both', 'neither', 'Bearer neither'],
  ])('is a 401 with keys "%s": %s', async (keys, _kind, authorization) => {
    const world = worldOf(keys);
    await world.forgetCalls();
    const { status, body: answer, headers, text } = await list(world, authorization);
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(answer).toEqual({
      success: false,
      error: { code: 'invalid_token', message: expect.any(String), request_id: headers['x-request-id'] },
    });
    expect(text).not.toContain(authorization.slice(7));
    expect(world.changes()).toEqual([]);
  });

  test('signed with the public key as an HMAC key does not pass where that key is configured', async () => {
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    await using world = await startWorld({ RESTAPI_AUTH_JWT_KEY: pem });
    expect((await list(world, `Bearer ${aToken(valid, pem)}`)).status).toBe(401);
    expect((await list(world, `Bearer ${rsa}`)).status).toBe(401);
  });

  test.each([undefined, '', 'Bearer', 'Bearer ', `Basic ${STATIC}`, STATIC, `Bearer ${STATIC} x`])(
    'nor there at all, as %p, is a 401 that asks for one',
    async (authorization) => {
      const { status, headers, body: answer } = await list(worldOf('both'), authorization);
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer');
      expect(answer.error.code).toBe('unauthenticated');
    },
  );

  test.each([
    ['post', '/workbenches?user_id=ada'],
    ['get', '/workbenches/0123456789abcdef0?user_id=ada'],
    ['delete', '/workbenches/0123456789abcdef0?user_id=ada'],
    ['post', '/workbenches/0123456789abcdef0/start?user_id=ada'],
    ['post', '/workbenches/0123456789abcdef0/stop?user_id=ada'],
  ] as const)('stops %s %s before anything is done', async (method, path) => {
    const world = worldOf('both');
    await world.forgetCalls();
    await request(world.url)[method](path).set('Authorization', 'Bearer wrong').expect(401);
    expect(world.changes()).toEqual([]);
  });
});

describe('a token that names its user', () => {
  const authorization = `Bearer ${aToken({ ...valid, sub: 'ada' }, KEY)}`;

  test('acts for that user where user_id is left out', async () => {
    const { url } = worldOf('user');
    const { body } = await request(url).post('/workbenches').set('Authorization', authorization).expect(201);
    expect(body.item.user_id).toBe('ada');
    const listed = await request(url).get('/workbenches').set('Authorization', authorization).expect(200);
    expect(listed.body.items).toHaveLength(1);
  });

  test.each([
    ['get', '/workbenches?user_id=bob'],
    ['post', '/workbenches?user_id=bob'],
    ['get', '/workbenches/0123456789abcdef0?user_id=bob'],
    ['delete', '/workbenches/0123456789abcdef0?user_id=bob'],
    ['post', '/workbenches/0123456789abcdef0/start?user_id=bob'],
    ['post', '/workbenches/0123456789abcdef0/stop?user_id=bob'],
  ] as const)('is a 403 for another user: %s %s', async (method, path) => {
    const world = worldOf('user');
    await world.forgetCalls();
    const { body } = await request(world.url)[method](path).set('Authorization', authorization).expect(403);
    expect(body.error.code).toBe('not_allowed');
    expect(world.changes()).toEqual([]);
  });

  test('finds another’s workbench as little as one that does not exist', async () => {
    const { url } = worldOf('user');
    const bob = `Bearer ${aToken({ ...valid, sub: 'bob' }, KEY)}`;
    const { body } = await request(url).post('/workbenches').set('Authorization', bob).expect(201);
    await request(url).get(`/workbenches/${body.item.workbench_id}`).set('Authorization', authorization).expect(404);
    await request(url).get(`/workbenches/${body.item.workbench_id}`).set('Authorization', bob).expect(200);
  });
});

describe('health', () => {
  test.each(['/healthz', '/readyz'])('%s needs no token', async (path) => {
    await request(worldOf('both').url).get(path).expect(200);
  });
});

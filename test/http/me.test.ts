import { expect, test } from '@jest/globals';
import request from 'supertest';
import { startWorld } from '../support/startWorld.ts';
import { aToken, inSeconds } from '../support/tokens.ts';

const JWT_KEY = 'a key for tokens that is long enough';

test('who the caller is, is told by its token', async () => {
  await using world = await startWorld({
    RESTAPI_AUTH_STATIC_KEY: 'key',
    RESTAPI_AUTH_JWT_KEY: JWT_KEY,
    RESTAPI_AUTH_JWT_USER_CLAIM: 'sub',
  });
  const me = (token: string) => request(world.url).get('/me').set('Authorization', `Bearer ${token}`);
  const exp = inSeconds(3600);

  expect((await me('key').expect(200)).body).toEqual({ success: true, item: { operator: true } });
  expect((await me(aToken({ exp, sub: 'ada' }, JWT_KEY)).expect(200)).body).toEqual({
    success: true,
    item: { user_id: 'ada', operator: false, expires_at: new Date(exp * 1000).toISOString() },
  });
  expect((await me(aToken({ exp: 1e300, sub: 'ada' }, JWT_KEY)).expect(200)).body.item).toEqual({
    user_id: 'ada',
    operator: false,
  });
  await me('wrong').expect(401);
  await request(world.url).get('/me').expect(401);
});

test('who the caller is, is asked by GET and HEAD alone', async () => {
  await using world = await startWorld({ RESTAPI_URL_PREFIX: '/api' });
  const { url } = world;
  expect((await request(url).get('/api/me?user_id=bob').expect(200)).body).toEqual({
    success: true,
    item: { operator: true },
  });
  const head = await request(url).head('/api/me').expect(200);
  expect([head.text ?? '', head.headers['cache-control']]).toEqual(['', 'no-store']);
  for (const method of ['post', 'put', 'delete', 'patch'] as const) {
    const { headers, body } = await request(url)[method]('/api/me').expect(405);
    expect([headers['allow'], body.error.code]).toEqual(['GET, HEAD, OPTIONS', 'method_not_allowed']);
  }
});

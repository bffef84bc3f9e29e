import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startWorld, type World } from '../support/startWorld.ts';

let world: World;
let elsewhere: World;

beforeAll(async () => {
  world = await startWorld();
  elsewhere = await startWorld({
    RESTAPI_URL_PREFIX: '/api/v1/',
    RESTAPI_CORS_ORIGINS: 'https://app.example',
    RESTAPI_AUTH_STATIC_KEY: 'k',
    WB_BASE_URL: 'https://cloud.example/w/',
  });
});
afterAll(async () => {
  await Promise.all([world, elsewhere].map((one) => one[Symbol.asyncDispose]()));
});

test.each([
  ['POST', 'ApiError.ts', {}, 405, 'method_not_allowed'],
  ['PUT', 'none.js', {}, 405, 'method_not_allowed'],
  ['GET', 'none.js', {}, 404, 'not_found'],
  ['GET', '..%2f..%2fpackage.json', {}, 404, 'not_found'],
  ['GET', 'ApiError.ts', { 'If-Match': '"other"' }, 412, 'bad_request'],
])('%s of the page’s file %s with %j is a failure as all are: %i', async (method, file, headers, status, code) => {
  const send =
    method === 'GET' ? request(world.url).get : method === 'PUT' ? request(world.url).put : request(world.url).post;
  const answer = await send(`/docs/client/${file}`).set(headers);
  expect([answer.status, answer.body.error?.code, answer.headers['allow']]).toEqual([
    status,
    code,
    status === 405 ? 'GET, HEAD, OPTIONS' : undefined,
  ]);
});

describe('the request id', () => {
  test.each(['abc', 'Root=1-67891233-abcdef012345678912345678', 'x'.repeat(128)])(
    '%s, which is sane, is kept',
    async (id) => {
      const { headers, body } = await request(world.url).get('/nothing').set('X-Request-Id', id);
      expect([headers['x-request-id'], body.error.request_id]).toEqual([id, id]);
    },
  );

  test.each(['', 'x'.repeat(129), 'a b', '<script>', '{"a":1}', 'ü'])('%p, which is not, is replaced', async (id) => {
    const { headers, body } = await request(world.url)
      .get('/nothing')
      .set('X-Request-Id', encodeURI(id) === id ? id : Buffer.from(id).toString('latin1'));
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.error.request_id).toBe(headers['x-request-id']);
  });

  test('is another one with every request, also on a good answer', async () => {
    const ids = await Promise.all(
      [0, 1].map(async () => (await request(world.url).get('/healthz')).headers['x-request-id']),
    );
    expect(new Set(ids).size).toBe(2);
  });
});

describe('a path', () => {
  test.each([
    ['/workbenches', 'GET, HEAD, POST, OPTIONS'],
    ['/workbenches/0123456789abcdef0', 'GET, HEAD, PATCH, DELETE, OPTIONS'],
    ['/workbenches/0123456789abcdef0/start', 'POST, OPTIONS'],
    ['/workbenches/0123456789abcdef0/stop', 'POST, OPTIONS'],
    ['/healthz', 'GET, HEAD, OPTIONS'],
    ['/readyz', 'GET, HEAD, OPTIONS'],
  ])('%s says with a 405, and to OPTIONS, which methods it has', async (path, allow) => {
    const wrong = await request(world.url).put(`${path}?user_id=ada`).expect(405);
    expect(wrong.headers['allow']).toBe(allow);
    expect(wrong.body.error.code).toBe('method_not_allowed');
    const asked = await request(world.url).options(path).expect(204);
    expect(asked.headers['allow']).toBe(allow);
  });

  test('asked by HEAD is answered without a body', async () => {
    const { text, headers } = await request(world.url).head('/workbenches?user_id=ada').expect(200);
    expect(text ?? '').toBe('');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });

  test('of events answers HEAD with a 405 instead of a stream that nobody reads', async () => {
    const events = '/workbenches/0123456789abcdef0/events?user_id=ada';
    const { headers } = await request(world.url).head(events).expect(405);
    expect(headers['allow']).toBe('GET, OPTIONS');
  });

  test('does not name the software that serves it', async () => {
    const { headers } = await request(world.url).get('/workbenches?user_id=ada');
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('with a prefix', () => {
  const authorized = (path: string) => request(elsewhere.url).get(path).set('Authorization', 'Bearer k');

  test('the API is below it and nowhere else, the health calls at both places', async () => {
    await authorized('/api/v1/workbenches?user_id=ada').expect(200);
    await authorized('/workbenches?user_id=ada').expect(404);
    await authorized('/api/v1x/workbenches?user_id=ada').expect(404);
    await request(elsewhere.url).get('/healthz').expect(200);
    await request(elsewhere.url).get('/api/v1/readyz').expect(200);
  });

  test('public endpoints are below the base URL that is configured', async () => {
    const { body } = await request(elsewhere.url)
      .post('/api/v1/workbenches?user_id=ada')
      .set('Authorization', 'Bearer k')
      .expect(201);
    expect(body.item.public_endpoint).toBe(`https://cloud.example/w/${body.item.workbench_id}`);
    const [definition] = elsewhere.cloud.look().taskDefinitions;
    expect(definition?.containerDefinitions[0]?.environment).toContainEqual({
      name: 'WORKBENCH_BASE_PATH',
      value: `/w/${body.item.workbench_id}`,
    });
  });
});

describe('CORS', () => {
  const path = '/api/v1/workbenches?user_id=ada';
  const preflight = (url: string, target: string, origin: string) =>
    request(url)
      .options(target)
      .set('Origin', origin)
      .set('Access-Control-Request-Method', 'DELETE')
      .set('Access-Control-Request-Headers', 'authorization,content-type');

  test('lets a preflight of the frontend pass without a token, with the methods and headers it needs', async () => {
    const { headers } = await preflight(elsewhere.url, path, 'https://app.example').expect(204);
    expect(headers['access-control-allow-origin']).toBe('https://app.example');
    expect(headers['access-control-allow-methods']).toContain('DELETE');
    expect(headers['access-control-allow-headers']).toBe('authorization,content-type');
  });

  test('lets the frontend read answers and errors, with their headers', async () => {
    for (const [token, status] of [
      ['k', 200],
      ['wrong', 401],
    ] as const) {
      const { headers } = await request(elsewhere.url)
        .get(path)
        .set('Origin', 'https://app.example')
        .set('Authorization', `Bearer ${token}`)
        .expect(status);
      expect(headers['access-control-allow-origin']).toBe('https://app.example');
      expect(headers['access-control-expose-headers']).toMatch(/X-Request-Id.*Retry-After/);
      expect(headers['vary']).toMatch(/Origin/);
    }
  });

  test.each(['https://app.example.evil', 'http://app.example', 'null'])('lets no page of %s in', async (origin) => {
    const { headers } = await preflight(elsewhere.url, path, origin);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('is off where no origin is configured', async () => {
    const { headers } = await preflight(world.url, '/workbenches', 'https://app.example');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    const got = await request(world.url).get('/workbenches?user_id=ada').set('Origin', 'https://app.example');
    expect(got.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('without authentication', () => {
  test('a page of another site may change nothing, and does nothing in the cloud', async () => {
    await world.forgetCalls();
    const { status, body } = await request(world.url)
      .post('/workbenches?user_id=ada')
      .set('Sec-Fetch-Site', 'cross-site')
      .set('Origin', 'https://evil.example');
    expect([status, body.error.code]).toEqual([403, 'not_allowed']);
    expect(world.changes()).toEqual([]);
  });

  test.each(['same-origin', 'none'])('a page or a person (%s) may', async (site) => {
    await request(world.url).post('/workbenches?user_id=ada').set('Sec-Fetch-Site', site).expect(201);
  });
});

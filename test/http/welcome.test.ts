import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calls } from '../../src/http/openapi/calls.ts';
import { startWorld, type World } from '../support/startWorld.ts';

const AS_A_BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

let world: World;

beforeAll(async () => {
  world = await startWorld({ RESTAPI_URL_PREFIX: '/api/v1', RESTAPI_AUTH_STATIC_KEY: 'the-key' });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe('whoever comes to the root of the API, without a token', () => {
  test('as a browser, is sent to the console', async () => {
    const answer = await fetch(`${world.url}/api/v1/`, { headers: AS_A_BROWSER, redirect: 'manual' });
    expect([answer.status, answer.headers.get('Vary')]).toEqual([302, 'Accept']);
    expect(new URL(answer.headers.get('Location') ?? '', answer.url).href).toBe(`${world.url}/api/v1/console/`);
  });

  test.each([{}, { Accept: 'application/json' }])('with %j, is told each call', async (headers) => {
    const answer = await fetch(`${world.url}/api/v1/`, { headers });
    const body = (await answer.json()) as { calls: { method: string; path: string }[] };
    expect(body.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(
      calls.map(({ method, path }) => `${method.toUpperCase()} ${path}`),
    );
  });

  test('does nothing else there', async () => {
    const answer = await fetch(`${world.url}/api/v1/`, { method: 'POST' });
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});

test('the console is told that a key is asked for, and what may come onto its page', async () => {
  const answer = await fetch(`${world.url}/api/v1/console/config.json`);
  expect(await answer.json()).toEqual({ success: true, item: { authentication: 'token' } });
  expect(answer.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; script-src 'self';/);
});

import { afterAll, expect, test } from '@jest/globals';
import { startServer, stopEverything, temporaryFolder } from './support/startServer.ts';

afterAll(stopEverything);

test('the page of the API, and all that it loads, comes with the controller: below its prefix, and without a token', async () => {
  const { url } = await startServer(await temporaryFolder(), {
    RESTAPI_URL_PREFIX: '/api/v1',
    RESTAPI_AUTH_STATIC_KEY: 'key',
  });
  const moved = await fetch(`${url}/docs`, { redirect: 'manual' });
  expect([moved.status, new URL(moved.headers.get('location') ?? '', moved.url).href]).toEqual([308, `${url}/docs/`]);

  const page = await fetch(`${url}/docs/`);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none';(?!.*unsafe)(?!.*https?:)/);
  const parts = [...(await page.text()).matchAll(/(?:src|href)="([^":]+)"/g)].map(([, path]) => String(path));
  const types = await Promise.all(
    parts.map(async (path) => {
      const { status, headers } = await fetch(new URL(path, page.url));
      return `${path} ${status} ${headers.get('content-type')}`;
    }),
  );
  expect(types).toEqual([
    'swagger-ui.css 200 text/css; charset=utf-8',
    '../openapi.json 200 application/json; charset=utf-8',
    'swagger-ui-bundle.js 200 text/javascript; charset=utf-8',
    'start.js 200 text/javascript; charset=utf-8',
  ]);
  const description = await (await fetch(`${url}/openapi.json`)).json();
  expect(description).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/api/v1' }], security: [{ bearer: [] }] });
  expect((await fetch(`${url}/docs/../../main.js`)).status).toBe(404);
  expect((await fetch(`${url}/docs/nothing.js`)).status).toBe(404);
});

import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { startServer, stopEverything, temporaryFolder } from '../e2e/support/startServer.ts';

afterAll(stopEverything);

const MOST_BYTES = 25_000;

test('the console is small, is asked for again by its tag, and leads below any prefix', async () => {
  const { url } = await startServer(await temporaryFolder(), { RESTAPI_URL_PREFIX: '/api/v1' });
  let bytes = 0;
  for (const name of ['', 'console.js', 'console.css', 'icon.svg']) {
    const answer = await fetch(`${url}/console/${name}`, { headers: { 'Accept-Encoding': 'gzip' } });
    expect([answer.status, answer.headers.get('Content-Encoding')]).toEqual([200, 'gzip']);
    bytes += gzipSync(Buffer.from(await answer.arrayBuffer()), { level: 9 }).length;
    const tag = answer.headers.get('ETag') ?? '';
    const again = await fetch(answer.url, { headers: { 'Accept-Encoding': 'gzip', 'If-None-Match': tag } });
    expect([again.status, answer.headers.get('Cache-Control')]).toEqual([304, 'no-cache']);
    const plain = await fetch(answer.url, { headers: { 'Accept-Encoding': 'identity' } });
    expect([plain.headers.get('Content-Encoding'), plain.headers.get('ETag') === tag]).toEqual([null, false]);
  }
  expect(bytes).toBeLessThan(MOST_BYTES);
  console.info(`the console is ${bytes} bytes, gzipped`);

  for (const [from, to] of [
    ['', '/console/'],
    ['/', '/console/'],
    ['?x=/y', '/console/'],
    ['/console', '/console/'],
  ]) {
    const answer = await fetch(`${url}${from}`, { headers: { Accept: 'text/html' }, redirect: 'manual' });
    expect(new URL(answer.headers.get('Location') ?? '', answer.url).href).toBe(`${url}${to}`);
  }
  expect((await fetch(`${url}/console/nothing.js`)).status).toBe(404);
});

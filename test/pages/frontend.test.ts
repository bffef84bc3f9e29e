import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { checkout, startServer, stopEverything, temporaryFolder } from '../e2e/support/startServer.ts';
import { aToken, inSeconds } from '../support/tokens.ts';
import { openBrowser, openPage } from './openBrowser.ts';

const KEY = 'at least thirty-two random bytes, please';
const guide = readFileSync(join(checkout, 'docs/frontend.md'), 'utf8');
const html = /```html\n(.*?)```/s.exec(guide)?.[1] ?? '';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stopEverything();
});

test('the page of docs/frontend.md creates, waits, opens and destroys', async () => {
  let api = '';
  const backend = createServer((request, response) => {
    if (request.url === '/token') response.end(aToken({ exp: inSeconds(300), sub: 'ann' }, KEY));
    else response.setHeader('Content-Type', 'text/html').end(html.replace('http://localhost:8999', api));
  });
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const site = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const { url } = await startServer(await temporaryFolder(), {
    RESTAPI_AUTH_JWT_KEY: KEY,
    RESTAPI_AUTH_JWT_USER_CLAIM: 'sub',
    RESTAPI_CORS_ORIGINS: site,
  });
  api = url;

  const { page, faults } = await openPage(browser, [
    new URL(site).host,
    new URL(url).host,
    `localhost:${new URL(url).port}`,
  ]);
  await page.goto(site);
  await page.getByRole('button', { name: 'New workbench' }).click();
  await page.getByText('Analysis: running').waitFor();
  await page.reload();
  await page.getByText('Analysis: running').waitFor();
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('No file open').waitFor();
  await page.goBack();
  await page.getByText('Analysis: running').waitFor();
  await page.getByRole('button', { name: 'Destroy' }).click();
  await page.getByText('Analysis').waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
  backend.closeAllConnections();
  backend.close();
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startServer, stopEverything, temporaryFolder } from '../e2e/support/startServer.ts';
import { openBrowser, openPage } from './openBrowser.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stopEverything();
});

test('the calls are read and tried on the page of the API, which asks nobody else and breaks no rule of its own', async () => {
  const { url } = await startServer(await temporaryFolder(), {
    RESTAPI_URL_PREFIX: '/api/v1',
    RESTAPI_AUTH_STATIC_KEY: 'the-key',
  });
  const { page, faults } = await openPage(browser, [new URL(url).host]);
  await page.goto(`${url}/docs/`);
  await page.getByText('Creates a workbench and starts it').waitFor();

  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.locator('.auth-container input').fill('the-key');
  await page.getByRole('button', { name: 'Apply credentials' }).click();
  await page.locator('.auth-container').getByRole('button', { name: 'Close' }).click();

  await page.getByText('A user’s workbenches, oldest first').click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  await page.getByPlaceholder('user_id').fill('ann');
  await page.getByRole('button', { name: 'Execute' }).click();
  await page
    .locator('.live-responses-table', { hasText: /^Code.*200.*"items": \[\]/s })
    .first()
    .waitFor();
  expect(faults).toEqual([]);
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Route } from 'playwright-core';
import { startServer, stopEverything, temporaryFolder } from '../e2e/support/startServer.ts';
import { openBrowser, openPage } from '../pages/openBrowser.ts';
import { aToken, inSeconds } from '../support/tokens.ts';
import { judgePage } from './judgePage.ts';
import { createByClicking, openConsole } from './openConsole.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stopEverything();
});

const refusing = (status: number, code: string, message: string) => async (route: Route) =>
  await route.fulfill({
    status,
    headers: status === 503 ? { 'Retry-After': '1' } : {},
    json: { success: false, error: { code, message, request_id: 'the-request' } },
  });

test('when the controller goes and comes back, the page says so, and shows what is there then', async () => {
  const folder = await temporaryFolder();
  const server = await startServer(folder);
  const { page } = await openConsole(browser, server.url, 'ann');
  await createByClicking(page, 'Analysis');

  server.signal('SIGTERM');
  await page.getByText('Connection lost').waitFor();
  await server.exited;
  await page.getByRole('table').getByText('Analysis').waitFor();
  await startServer(folder, { PORT: new URL(server.url).port });
  await page.getByText('Connected again').waitFor();
  await page.getByRole('row', { name: 'Analysis' }).getByText('Stopped').waitFor();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('row', { name: 'Analysis' }).getByText('Running').waitFor();
});

test('what is refused is said with its reason and code; what passes is tried again', async () => {
  const { url } = await startServer(await temporaryFolder(), { WB_MAX_PER_USER: '1' });
  const { page } = await openConsole(browser, url, 'ann');
  await createByClicking(page, 'Analysis');
  await page.getByText('1 of 1 workbenches: destroy one').waitFor();
  await page.getByRole('button', { name: 'Create workbench', exact: true }).click();
  await page.getByText('quota_exceeded').waitFor();
  expect(await judgePage(page)).toEqual([]);

  await page.route('**/stop?*', refusing(503, 'cloud_unavailable', 'AWS does not answer'), { times: 2 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('cloud_unavailable').waitFor();
  await page.getByRole('row', { name: 'Analysis' }).getByText('Stopped').waitFor();

  // No answer at all: the button says that it is at it, and the rest of the page goes on.
  await page.route('**/start?*', () => undefined);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.locator('button[aria-busy="true"]', { hasText: 'Start' }).waitFor();
  await page.getByRole('button', { name: 'Logs' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
});

test('without a stream, as behind a proxy that lets none through, it looks again and again', async () => {
  const { url } = await startServer(await temporaryFolder());
  const { page } = await openPage(browser, [new URL(url).host]);
  await page.route('**/events*', (route) => route.abort());
  await page.goto(url);
  await page.getByText('Looked at every 2 s').waitFor();
  await createByClicking(page, 'Analysis');
});

test('a key is asked for, kept in memory, and asked for again when it is none any more', async () => {
  const { url } = await startServer(await temporaryFolder(), { RESTAPI_AUTH_STATIC_KEY: 'the-key' });
  const { page } = await openPage(browser, [new URL(url).host]);
  await page.goto(url);
  expect(await judgePage(page)).toEqual([]);
  await page.getByLabel('Key or token').fill('another');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('invalid_token').waitFor();
  await page.getByLabel('Key or token').fill('the-key');
  await page.getByLabel('Key or token').press('Enter');
  await createByClicking(page, 'Analysis');
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  expect(kept).not.toContain('the-key');

  await page.route('**/stop?*', refusing(401, 'invalid_token', 'The token has ended'));
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByLabel('Key or token').waitFor();
  await page.locator('main').getByText('The token has ended').waitFor();
  expect(await page.getByRole('table').count()).toBe(0);

  await page.getByLabel('Key or token').fill('the-key');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Key or token').waitFor();
  await page.reload();
  await page.getByLabel('Key or token').waitFor();
});

test('whoever acts for one user is shown no others', async () => {
  const key = 'at least thirty-two random bytes, please';
  const { url } = await startServer(await temporaryFolder(), {
    RESTAPI_AUTH_JWT_KEY: key,
    RESTAPI_AUTH_JWT_USER_CLAIM: 'sub',
  });
  const { page } = await openPage(browser, [new URL(url).host]);
  await page.goto(`${url}/console/#/user/bob`);
  await page.getByLabel('Key or token').fill(aToken({ exp: inSeconds(300), sub: 'ann' }, key));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('not_allowed').waitFor();
  expect(await judgePage(page)).toEqual([]);
  await page.getByRole('link', { name: 'Your own workbenches' }).click();
  await page.getByRole('heading', { name: 'Workbenches of ann' }).waitFor();
  expect(await page.getByRole('link', { name: 'Everybody’s' }).count()).toBe(0);
});

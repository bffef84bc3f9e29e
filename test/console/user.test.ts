import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type ReadyServer, startServer, stopEverything, temporaryFolder } from '../e2e/support/startServer.ts';
import { openBrowser } from '../pages/openBrowser.ts';
import { judgePage } from './judgePage.ts';
import { createByClicking, openConsole } from './openConsole.ts';

let browser: Browser;
let server: ReadyServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([
    openBrowser(),
    temporaryFolder().then((folder) => startServer(folder, { RESTAPI_URL_PREFIX: '/api/v1' })),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await stopEverything();
});

test('a newcomer creates, opens, uses, stops, starts and destroys a workbench by clicking', async () => {
  const { page, faults } = await openConsole(browser, server.url, 'ann');
  expect(await judgePage(page)).toEqual([]);
  const table = page.getByRole('table', { name: 'Workbenches' });

  await page.getByLabel('Name').fill('Analysis');
  await page.getByRole('button', { name: 'Create workbench', exact: true }).click();
  const row = table.getByRole('row', { name: 'Analysis' });
  await row.getByText('Running').waitFor();
  expect(await judgePage(page)).toEqual([]);

  // The page's own opener policy would hold as well, but on https and localhost alone.
  await page.evaluate(() => {
    const { open } = window;
    window.open = (...given) => {
      document.title = `opened with ${given[2]}`;
      return open(...given);
    };
  });
  const opening = page.context().waitForEvent('page');
  await row.getByRole('button', { name: 'Open' }).click();
  const workbench = await opening;
  await workbench.getByText('No file open').waitFor();
  expect(await workbench.evaluate(() => window.opener === null)).toBe(true);
  expect(await page.title()).toBe('opened with noopener');
  await workbench.close();

  await row.getByRole('button', { name: 'Stop' }).click();
  await row.getByText('Stopped').waitFor();
  await row.getByRole('button', { name: 'Start' }).click();
  await row.getByText('Running').waitFor();

  await row.getByRole('button', { name: 'Logs' }).click();
  await page.getByRole('dialog', { name: 'Logs of Analysis' }).getByRole('button', { name: 'Close' }).click();

  await row.getByRole('button', { name: 'Change' }).click();
  const change = page.getByRole('dialog', { name: 'Change Analysis' });
  expect(await judgePage(page)).toEqual([]);
  await change.getByLabel('Name').fill('Synthesis');
  await change.getByLabel('CPU').selectOption('2 vCPU');
  await change.getByRole('button', { name: 'Save' }).click();
  const renamed = table.getByRole('row', { name: 'Synthesis' });
  await renamed.getByText('2 vCPU, 4 GiB').waitFor();
  await renamed.getByRole('button', { name: 'Restart to update' }).click();
  await renamed.getByRole('button', { name: 'Restart to update' }).waitFor({ state: 'detached' });
  await renamed.getByText('Running').waitFor();

  await renamed.getByRole('button', { name: 'Destroy' }).click();
  const destroy = page.getByRole('dialog', { name: 'Destroy Synthesis?' });
  expect(await destroy.getByRole('button', { name: 'Destroy' }).isDisabled()).toBe(true);
  await destroy.getByRole('textbox').fill('Synthesis');
  await destroy.getByRole('button', { name: 'Destroy' }).click();
  await page.getByText('No workbenches yet').waitFor();
  expect(faults).toEqual([]);
});

test('names that mean harm are text, and whoever holds 64 emoji fits a telephone', async () => {
  const { page, faults } = await openConsole(browser, server.url, 'eve');
  const names = ['<img src=x onerror=alert(1)>', 'abc \u05d0\u05d1\u05d2 (\u05d3)', '\u{1f9ea}'.repeat(64)];
  for (const name of names) await createByClicking(page, name);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await judgePage(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  }
  expect(faults).toEqual([]);
});

test('the keyboard is enough to create and to destroy, and focus is never lost', async () => {
  const { page, faults } = await openConsole(browser, server.url, 'kim');
  const focused = () => page.evaluate(() => document.activeElement?.textContent || document.activeElement?.tagName);
  async function tabTo(text: string): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      if ((await focused()) === text) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${text} can't be reached by Tab`);
  }
  await tabTo('Create workbench');
  await page.keyboard.press('Enter');
  await page.getByRole('table').getByText('Running').waitFor();
  await tabTo('Destroy');
  await page.keyboard.press('Enter');
  const id = await page.getByRole('dialog').locator('code').textContent();
  await page.keyboard.type(id ?? '');
  await page.keyboard.press('Enter');
  await page.getByText('No workbenches yet').waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  expect(faults).toEqual([]);
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type ReadyServer, startServer, stopEverything, temporaryFolder } from '../e2e/support/startServer.ts';
import { openBrowser, openPage } from '../pages/openBrowser.ts';
import { judgePage } from './judgePage.ts';

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

/** Nobody else’s workbenches: each test has a user of its own. */
async function openConsole(user: string): Promise<{ page: Page; faults: string[] }> {
  const { page, faults } = await openPage(browser, [new URL(server.url).host]);
  await page.goto(server.url);
  await page.getByLabel('User').fill(user);
  await page.getByLabel('User').press('Enter');
  await page.getByText('No workbenches yet').waitFor();
  return { page, faults };
}

test('a newcomer creates, opens, uses, stops, starts and destroys a workbench by clicking', async () => {
  const { page, faults } = await openConsole('ann');
  expect(await judgePage(page)).toEqual([]);
  const table = page.getByRole('table', { name: 'Workbenches' });

  await page.getByLabel('Name').fill('Analysis');
  await page.getByRole('button', { name: 'Create workbench', exact: true }).click();
  const row = table.getByRole('row', { name: 'Analysis' });
  await row.getByText('Running').waitFor();
  expect(await judgePage(page)).toEqual([]);

  const opening = page.context().waitForEvent('page');
  await row.getByRole('button', { name: 'Open' }).click();
  const workbench = await opening;
  await workbench.getByText('No file open').waitFor();
  expect(await workbench.evaluate(() => Reflect.get(globalThis, 'opener') === null)).toBe(true);
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

import type { Browser, Page } from 'playwright-core';
import { openPage } from '../pages/openBrowser.ts';

type Opened = Readonly<{ page: Page; faults: string[] }>;

/** Where authentication is off. */
export async function openConsole(browser: Browser, url: string, user: string): Promise<Opened> {
  const { page, faults } = await openPage(browser, [new URL(url).host]);
  await page.goto(url);
  await page.getByLabel('User').fill(user);
  await page.getByLabel('User').press('Enter');
  await page.getByRole('heading', { name: `Workbenches of ${user}` }).waitFor();
  await page.getByText('Live').waitFor();
  return { page, faults };
}

export async function createByClicking(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create workbench', exact: true }).click();
  await page.getByRole('table').getByRole('row', { name }).getByText('Running').waitFor();
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type ReadyServer, startServer, stopEverything, temporaryFolder } from '../e2e/support/startServer.ts';
import { User } from '../e2e/support/User.ts';
import { openBrowser, openPage } from '../pages/openBrowser.ts';
import { judgePage } from './judgePage.ts';

let browser: Browser;
let server: ReadyServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([openBrowser(), temporaryFolder().then((folder) => startServer(folder))]);
});
afterAll(async () => {
  await browser?.close();
  await stopEverything();
});

test('an operator finds, sorts and stops everybody’s workbenches, and goes to one user’s', async () => {
  for (const name of ['ann', 'bob']) {
    const user = new User(server.url, name);
    await user.reaches((await user.create(`Of ${name}`)).workbench_id, 'running');
  }
  const { page, faults } = await openPage(browser, [new URL(server.url).host]);
  await page.goto(`${server.url}/console/#/all`);
  const table = page.getByRole('table', { name: 'Workbenches' });
  await table.getByText('Of ann').waitFor();
  await page.getByRole('button', { name: 'Running 2' }).waitFor();
  expect(await judgePage(page)).toEqual([]);

  await page.getByLabel('Search').fill('OF B');
  await table.getByText('Of ann').waitFor({ state: 'detached' });
  await table.getByText('Of bob').waitFor();
  await page.getByLabel('Search').fill('');
  await table.getByRole('button', { name: 'Name' }).click();
  expect(await table.getByRole('rowheader').first().textContent()).toContain('Of ann');
  await table.getByRole('button', { name: 'Name' }).click();
  expect(await table.getByRole('rowheader').first().textContent()).toContain('Of bob');

  await table.getByLabel('Choose all on this page').check();
  await page.getByRole('button', { name: 'Stop chosen' }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop 2 workbenches?' });
  await dialog.getByText('Of ann of ann').waitFor();
  expect(await judgePage(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Stop them' }).click();
  await page.getByRole('button', { name: 'Stopped 2' }).waitFor();

  await table.getByRole('link', { name: 'ann' }).click();
  await page.getByRole('heading', { name: 'Workbenches of ann' }).waitFor();
  await page.getByText('1 workbench · 0 running').waitFor();
  expect(faults).toEqual([]);
});

test('ten thousand are all there to be found', async () => {
  const { page, faults } = await openPage(browser, [new URL(server.url).host]);
  const items = Array.from({ length: 10_000 }, (_, index) => ({
    user_id: `user-${index % 700}`,
    workbench_id: (0xabc00000 + index).toString(16),
    workbench_name: `Number ${index}`,
    status: index % 25 === 0 ? 'running' : 'stopped',
    public_endpoint: `${server.url}/project/${index}`,
    requested_cpu: 1024,
    requested_memory: 2048,
    profile: 'default',
    created_at: new Date(1_700_000_000_000 + index * 1000).toISOString(),
    status_age_ms: 0,
  }));
  await page.route('**/workbenches?all=true*', async (route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get('cursor') ?? 0);
    const to = from + Number(query.get('limit'));
    await route.fulfill({
      json: {
        success: true,
        items: items.slice(from, to),
        ...(to < items.length ? { next_cursor: String(to) } : {}),
        ...(from === 0 ? { counts: { running: 400, stopped: 9_600 } } : {}),
      },
    });
  });
  await page.goto(`${server.url}/console/#/all`);
  await page.getByText('10000 found').waitFor();
  await page.getByText('Page 1 of 200').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('Page 2 of 200').waitFor();
  await page.getByLabel('Search').fill('number 9999');
  await page.getByText('1 found').waitFor();
  const took = await page.evaluate(async () => {
    const field = document.querySelector<HTMLInputElement>('input[type=search]');
    const begun = performance.now();
    if (field) field.value = 'user-3';
    field?.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begun;
  });
  console.info(`10,000 rows filtered and drawn in ${Math.round(took)} ms`);
  await page.getByText('1 found').waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
});

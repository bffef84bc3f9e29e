import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { localCloudOf } from './support/instantly.ts';
import { startServer, stopEverything, temporaryFolder } from './support/startServer.ts';
import { readFileOf, User } from './support/User.ts';

const WAIT = { timeout: PATIENCE_MS };

(hasChromium() ? describe : describe.skip)('in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await stopEverything();
  });

  test('a workbench that starts shows that it does, becomes its page by itself, edits files, and says when it is stopped', async () => {
    const server = await startServer(await temporaryFolder());
    await fetch(`${localCloudOf(server)}/_local/timing`, { method: 'PUT', body: '{"pendingMs": 1500}' });
    const user = new User(server.url, 'ann');
    const item = await user.create('Analysis');
    const page = await browser.newPage();
    page.setDefaultTimeout(WAIT.timeout);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));

    await page.goto(item.public_endpoint);
    await page.getByRole('heading', { name: 'Analysis is on its way' }).waitFor();
    await page.getByText('No file open').waitFor();
    await page.getByRole('heading', { name: 'Analysis', exact: true }).waitFor();

    await page.getByTitle('New file').click();
    await page.locator('#dialog-input').fill('plan.md');
    await page.locator('#dialog-input').press('Enter');
    const editor = page.getByRole('textbox', { name: 'Content of plan.md' });
    await editor.fill('measure twice');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('#unsaved').waitFor({ state: 'hidden' });
    expect(await readFileOf(item, 'plan.md')).toBe('measure twice');

    await user.command(item.workbench_id, 'stop');
    await user.reaches(item.workbench_id, 'stopped');
    await page.reload();
    await page.getByRole('heading', { name: 'Analysis is stopped' }).waitFor();
    expect(faults).toEqual([]);
  });
});

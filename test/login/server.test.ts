import { afterAll, expect, test } from '@jest/globals';
import { startServer, stopEverything, temporaryFolder } from '../e2e/support/startServer.ts';
import { User } from '../e2e/support/User.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { AUDIENCE, CLIENT, PASSWORD, startProvider } from '../support/startProvider.ts';
import { startFront } from './world.ts';

afterAll(stopEverything);

const withChromium = hasChromium() ? test : test.skip;

withChromium(
  'a fresh clone with a provider and nothing else: a person gets into a real workbench, and edits there',
  async () => {
    const front = await startFront();
    const publicUrl = `http://localhost:${front.port}`;
    const provider = await startProvider({ publicUrl });
    const browser = await launchChromium();
    try {
      const server = await startServer(await temporaryFolder(), {
        RESTAPI_PUBLIC_URL: publicUrl,
        RESTAPI_AUTH_STATIC_KEY: 'operator',
        RESTAPI_AUTH_OIDC_ISSUER: provider.issuer,
        RESTAPI_AUTH_OIDC_AUDIENCE: AUDIENCE,
        RESTAPI_AUTH_OIDC_CLIENT_ID: CLIENT.clientId,
        RESTAPI_AUTH_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
        WB_BASE_URL: `http://{wid}.localhost:${front.port}`,
      });
      front.lead(server.url);
      const item = await new User(server.url, 'ann', 'operator').create('Analysis');
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE_MS);

      await page.goto(`${item.public_endpoint}/`);
      await page.locator('[name=login]').fill('ann');
      await page.locator('[name=password]').fill(PASSWORD);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText('No file open').waitFor();
      await page.getByTitle('New file').click();
      await page.locator('#dialog-input').fill('plan.md');
      await page.locator('#dialog-input').press('Enter');
      await page.getByRole('textbox', { name: 'Content of plan.md' }).fill('measure twice');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.locator('#unsaved').waitFor({ state: 'hidden' });

      expect(page.url()).toBe(`http://${item.workbench_id}.localhost:${front.port}/`);
      expect(server.logged('logged in')).toEqual([expect.objectContaining({ user: 'ann' })]);
      const printed = server.stdout() + server.stderr();
      const values = (await page.context().cookies()).map(({ value }) => value).filter((value) => value.length > 20);
      expect(values.length).toBeGreaterThan(2);
      for (const secret of [...values, CLIENT.clientSecret]) expect(printed).not.toContain(secret);
    } finally {
      await browser.close();
      await provider.close();
      front.close();
    }
  },
);

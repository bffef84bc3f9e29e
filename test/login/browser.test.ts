import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { PASSWORD } from '../support/startProvider.ts';
import { forTheCloud, type Logins, startLogins } from './world.ts';

const ide = `<!doctype html><title>IDE</title><h1>The IDE</h1><p id="socket">connecting</p>
<script>
  const say = (text) => { document.getElementById('socket').textContent = text; };
  const socket = new WebSocket(new URL('ws', location.href.replace(/^http/, 'ws')));
  socket.onopen = () => socket.send('hello');
  socket.onmessage = ({ data }) => say(data);
  socket.onclose = () => say('cut');
</script>`;

/** An IDE with a websocket, and a service worker that would have the whole host. */
function application({ url = '' }: IncomingMessage, response: ServerResponse): void {
  if (url.endsWith('/worker.js')) {
    response.setHeader('Content-Type', 'text/javascript');
    response.setHeader('Service-Worker-Allowed', '/');
    response.end(`addEventListener('fetch', (event) => event.respondWith(new Response('taken over')));`);
    return;
  }
  response.setHeader('Content-Type', 'text/html');
  response.end(ide);
}

let browser: Browser;
const installed = hasChromium();
beforeAll(async () => {
  if (installed) browser = await launchChromium();
});
afterAll(async () => await browser?.close());

async function inNewBrowser(work: (context: BrowserContext, page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  try {
    await work(context, await context.newPage());
  } finally {
    await context.close();
  }
}

async function logIn(page: Page, user: string): Promise<void> {
  await page.locator('[name=login]').fill(user);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
}

const isIde = (page: Page) => page.getByRole('heading', { name: 'The IDE' }).waitFor();
const socketSays = (page: Page, text: string) => page.locator('#socket').getByText(text).waitFor();

(installed ? describe : describe.skip).each<['subdomain' | 'path', Record<string, string>]>([
  ['subdomain', forTheCloud],
  ['path', {}],
])('in Chromium, with workbenches by %s', (mode, environment) => {
  let world: Logins;
  let ann: string;
  let second: string;
  beforeAll(async () => {
    world = await startLogins({ mode, environment, application });
    [ann, second] = [await world.create('ann'), await world.create('ann')];
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const home = (wid: string) => `${world.endpointOf(wid)}/`;

  test('a person opens the public endpoint, logs in, works by websocket, logs out in another tab, and is shut out', async () => {
    await inNewBrowser(async (context, page) => {
      await page.goto(world.endpointOf(ann));
      await logIn(page, 'ann');
      await isIde(page);
      await socketSays(page, 'heard hello');
      expect(page.url()).toBe(home(ann));

      const other = await context.newPage();
      await other.goto(`${world.publicUrl}/auth/logout`);
      await other.getByRole('button', { name: 'Log out' }).click();
      // The provider asks as well.
      await other.waitForURL((url) => url.origin === world.provider.issuer);
      await other.getByRole('button', { name: 'Log out' }).click();
      await other.getByRole('heading', { name: 'You are logged out' }).waitFor();

      await socketSays(page, 'cut');
      await page.reload();
      await page.locator('[name=password]').waitFor();
      expect(page.url()).toContain(world.provider.issuer);
      await logIn(page, 'ann');
      await isIde(page);
    });
  });

  test('whoever logs in as somebody else sees no workbench', async () => {
    await inNewBrowser(async (_context, page) => {
      await page.goto(home(ann));
      await logIn(page, 'bob');
      await page.getByRole('heading', { name: 'No workbench here' }).waitFor();
    });
  });

  test('two tabs that log in at a time both arrive', async () => {
    await inNewBrowser(async (context, page) => {
      const other = await context.newPage();
      await page.goto(`${home(ann)}?one`);
      await other.goto(`${home(second)}?two`);
      await logIn(page, 'ann');
      await isIde(page);
      await logIn(other, 'ann');
      await isIde(other);
      expect([page.url(), other.url()]).toEqual([`${home(ann)}?one`, `${home(second)}?two`]);
    });
  });

  test('a workbench’s page takes over nothing of the host with a service worker, and keeps its own', async () => {
    await inNewBrowser(async (_context, page) => {
      await page.goto(home(ann));
      await logIn(page, 'ann');
      await isIde(page);
      const register = async (scope: string) =>
        await page.evaluate(
          `navigator.serviceWorker.register('worker.js', { scope: '${scope}' }).then(() => 'registered', (error) => error.name)`,
        );
      expect(await register('/')).toBe(mode === 'path' ? 'SecurityError' : 'registered');
      expect(await register(new URL(home(ann)).pathname)).toBe('registered');
      const answer = await page.goto(`${world.publicUrl}/healthz`);
      expect(await answer?.json()).toEqual({ success: true, status: 'ok' });
    });
  });

  // In path mode all share one host, and whoever can set its cookies can do worse.
  if (mode === 'path') return;
  test('a cookie bomb of one workbench is cleared away at the next load of another', async () => {
    await inNewBrowser(async (context, page) => {
      await page.goto(home(ann));
      await logIn(page, 'ann');
      await isIde(page);
      await page.evaluate(
        `for (let at = 0; at < 6; at += 1) document.cookie = 'bomb' + at + '=' + 'x'.repeat(4000) + '; Domain=wb.localhost; Path=/'`,
      );
      const other = await context.newPage();
      expect((await other.goto(home(second)))?.status()).toBe(431);
      await other.goto(home(second));
      await isIde(other);
      await socketSays(other, 'heard hello');
    });
  });
});

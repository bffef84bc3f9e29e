import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { forTheCloud, type Logins, startLogins } from './world.ts';

const installed = hasChromium();
let browser: Browser;
beforeAll(async () => {
  if (installed) browser = await launchChromium();
});
afterAll(async () => await browser?.close());

/** Each way in which a page can make the browser ask for something; each ends when the browser says how it went. */
const asks = `({
  fetched: (url, init) => fetch(url, { credentials: 'include', ...init }).then((answer) => answer.type + ' ' + answer.status, () => 'failed'),
  element: (tag, attributes) => new Promise((done) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = () => done('loaded');
    element.onerror = () => done('failed');
    document.body.append(element);
  }),
  framedForm: (action, method) => new Promise((done) => {
    const frame = Object.assign(document.createElement('iframe'), { name: 'frame' + Math.random() });
    document.body.append(frame);
    frame.onload = () => done('loaded');
    const form = Object.assign(document.createElement('form'), { action, method, target: frame.name });
    document.body.append(form);
    form.submit();
  }),
  socket: (url) => new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => done('open');
    socket.onclose = () => done('failed');
  }),
  stream: (url) => new Promise((done) => {
    const stream = new EventSource(url, { withCredentials: true });
    stream.onopen = () => done('open');
    stream.onerror = () => { stream.close(); done('failed'); };
  }),
})`;

(installed ? describe : describe.skip)('in Chromium, a browser that two users are signed in with', () => {
  let world: Logins;
  let [anns, bobs] = ['', ''];
  let context: BrowserContext;
  /** A page of Ann's workbench, which may be hostile. */
  let page: Page;
  beforeAll(async () => {
    world = await startLogins({ mode: 'subdomain', environment: forTheCloud, application: answer });
    [anns, bobs] = [await world.create('ann'), await world.create('bob')];
    context = await browser.newContext();
    page = await signIn(world, context, [
      [bobs, 'bob'],
      [anns, 'ann'],
    ]);
  });
  afterAll(async () => {
    await context?.close();
    await world?.[Symbol.asyncDispose]();
  });
  const bob = (path: string) => `${world.originOf(bobs)}${path}`;
  /** What Bob's task saw of paths that begin so. */
  const seen = (start: string) =>
    world.seen
      .filter(({ url, headers }) => url.startsWith(start) && headers.host === new URL(bob('/')).host)
      .map(({ method, url, headers }) => `${method} ${url} ${headers['x-workbench-user']}`);

  test.each([
    ['a POST without CORS', (url: string) => `fetched('${url}', { method: 'POST', mode: 'no-cors', body: 'x' })`],
    ['a GET without CORS', (url: string) => `fetched('${url}', { mode: 'no-cors' })`],
    ['a GET with CORS', (url: string) => `fetched('${url}')`],
    ['a PUT, which asks before', (url: string) => `fetched('${url}', { method: 'PUT' })`],
    ['a beacon', (url: string) => `fetched('${url}', { method: 'POST', mode: 'no-cors', keepalive: true })`],
    ['a form in a frame', (url: string) => `framedForm('${url}', 'post')`],
    ['a form that reads, in a frame', (url: string) => `framedForm('${url}', 'get')`],
    ['a frame', (url: string) => `element('iframe', { src: '${url}' })`],
    ['an embedded object', (url: string) => `element('embed', { src: '${url}', type: 'text/html' })`],
    ['a script', (url: string) => `element('script', { src: '${url}' })`],
    [
      'a module',
      (url: string) => `element('script', { src: '${url}', type: 'module', crossOrigin: 'use-credentials' })`,
    ],
    ['a picture', (url: string) => `element('img', { src: '${url}' })`],
    ['a stylesheet', (url: string) => `element('link', { href: '${url}', rel: 'stylesheet' })`],
    ['a look ahead', (url: string) => `element('link', { href: '${url}', rel: 'prefetch' })`],
    ['a websocket', (url: string) => `socket('${url.replace(/^http/, 'ws')}')`],
    ['an event stream', (url: string) => `stream('${url}')`],
  ])('reaches the task of one by %s from a page of the other’s not at all', async (_way, ask) => {
    const refusals = () => world.log.filter((line) => line.includes('"refused"') && line.includes(bobs)).length;
    const before = refusals();
    const url = bob(`/attack/${before}`);
    const outcome = await page.evaluate(`${asks}.${ask(url)}`);
    expect(seen('/attack')).toEqual([]);
    // It was asked, with Bob's cookie, and that was refused.
    expect(refusals()).toBeGreaterThan(before);
    expect(outcome).not.toBe('open');
  });

  test('is shown a page of the other’s by a link, as the user who is signed in there, and not by a form that sends', async () => {
    const linked = await context.newPage();
    await linked.goto(`${world.originOf(anns)}/`);
    await linked.evaluate(`location.href = '${bob('/linked')}'`);
    await linked.getByText('The IDE of bob').waitFor();
    expect(seen('/linked')).toEqual(['GET /linked bob']);

    await linked.goto(`${world.originOf(anns)}/`);
    await linked.evaluate(
      `document.body.append(Object.assign(document.createElement('form'), { action: '${bob('/sent')}', method: 'post' }));
       document.forms[0].submit()`,
    );
    await linked.waitForURL(bob('/sent'));
    expect(seen('/sent')).toEqual([]);
  });

  test('keeps its own cookies whatever a page of the other’s sets for all hosts', async () => {
    const forged = ['__Host-wb', '__Host-wb-nonce', '__host-wb', ' __Host-wb', '=__Host-wb', 'other'].flatMap((name) =>
      ['', '; Path=/', '; Path=/lab', '; Path=/; Secure', '; Path=/lab; Secure'].map(
        (rest) => `${name}=forged; Domain=wb.localhost${rest}`,
      ),
    );
    await page.evaluate(`for (const one of ${JSON.stringify(forged)}) document.cookie = one`);
    const tossed = (await context.cookies(bob('/lab'))).filter(({ value }) => value.endsWith('forged'));
    await expectIde(context, bob('/lab'), 'bob');
    // Chromium takes none with our names, in any spelling: only hosts set their own.
    expect([...new Set(tossed.map(({ name }) => name))]).toEqual(['other']);
  });
});

(installed ? test : test.skip)(
  'in Chromium, with workbenches by path, cookies that a page sets for longer paths of a sibling keep nobody out',
  async () => {
    await using world = await startLogins({ mode: 'path', application: answer });
    const [anns, bobs] = [await world.create('ann'), await world.create('bob')];
    const context = await browser.newContext();
    try {
      const page = await signIn(world, context, [
        [bobs, 'bob'],
        [anns, 'ann'],
      ]);
      await page.evaluate(`document.cookie = 'wb_${bobs}=forged; Path=/project/${bobs}/lab'`);
      const sent = (await context.cookies(`${world.endpointOf(bobs)}/lab`)).map(({ value }) => value);
      await expectIde(context, `${world.endpointOf(bobs)}/lab`, 'bob');
      expect(sent).toContain('forged');
    } finally {
      await context.close();
    }
  },
);

/** @returns a page of the last */
async function signIn(
  world: Logins,
  context: BrowserContext,
  users: readonly (readonly [wid: string, user: string])[],
) {
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  for (const [wid, user] of users) {
    const { url = '' } = await world.call('POST', `/workbenches/${wid}/open?user_id=${user}`);
    await page.goto(url);
    await page.getByText(`The IDE of ${user}`).waitFor();
  }
  return page;
}

async function expectIde(context: BrowserContext, url: string, user: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(url);
  await page.getByText(`The IDE of ${user}`).waitFor();
}

function answer({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/html');
  response.end(`<!doctype html><title>IDE</title><h1>The IDE of ${headers['x-workbench-user']}</h1>`);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, watch, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWebWorkbench, type WebWorkbench } from './startWebWorkbench.ts';

const ENVIRONMENT = {
  WORKBENCH_ID: '0123456789abcdef0',
  WORKBENCH_NAME: 'Ada’s <b>lab</b>',
  WORKBENCH_USER_ID: 'ada@example.com',
  WORKBENCH_BASE_PATH: '/project/0123456789abcdef0',
};

let bench: WebWorkbench;

beforeAll(async () => {
  bench = await startWebWorkbench(ENVIRONMENT);
});

afterAll(() => bench.stop());

describe('addresses of the web workbench', () => {
  it('the base path without its slash redirects to the one with it and keeps the query', async () => {
    const response = await fetch(`${bench.url.slice(0, -1)}?a=1`, { redirect: 'manual' });
    expect(response.status).toBe(308);
    expect(response.headers.get('location')).toBe('/project/0123456789abcdef0/?a=1');
  });

  it.each(['/project/0123456789abcdef0/', '/'])(
    'below %s are the page, what it links to, and the API',
    async (base) => {
      const root = `http://127.0.0.1:${bench.port}${base}`;
      const page = await fetch(root);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'/);
      const links = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
      expect(links).toEqual(expect.arrayContaining(['app.js', 'style.css', 'icon.svg']));
      for (const link of links) {
        const asset = await fetch(new URL(link, root));
        expect([link, asset.status, asset.headers.get('x-content-type-options')]).toEqual([link, 200, 'nosniff']);
      }
      expect((await fetch(`${root}api/files`)).status).toBe(200);
    },
  );

  it('every module that the page imports is served as JavaScript, and not again if it is known', async () => {
    const pending = ['app.js'];
    const seen = new Set<string>();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const module = await bench.call('GET', name);
      expect([name, module.headers.get('content-type')]).toEqual([name, 'text/javascript; charset=utf-8']);
      pending.push(...[...(await module.text()).matchAll(/from '\.\/([^']+)'/g)].map((match) => match[1] ?? ''));
      const again = await bench.call('GET', name, { headers: { 'If-None-Match': module.headers.get('etag') ?? '' } });
      expect(again.status).toBe(304);
    }
    expect(seen.size).toBeGreaterThan(3);
  });

  it('the API tells which workbench it is', async () => {
    expect(await (await bench.call('GET', 'api/workbench')).json()).toEqual({
      id: '0123456789abcdef0',
      name: 'Ada’s <b>lab</b>',
      userId: 'ada@example.com',
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      maxFileBytes: 1024 ** 3,
    });
  });

  it.each(['server.js', 'page/app.js', '../server.js', 'api', '%2e%2e/server.js', 'constructor'])(
    'the unknown address %s answers 404 as JSON',
    async (route) => {
      const response = await bench.call('GET', route);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({ error: expect.any(String) });
    },
  );

  it.each([
    ['POST', 'api/files', 'GET, HEAD'],
    ['OPTIONS', 'api/file', 'GET, HEAD, PUT, DELETE'],
    ['PUT', '', 'GET, HEAD'],
  ])('%s %s answers 405 and names the methods', async (method, route, allow) => {
    const response = await bench.call(method, route);
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  it.each(['GET // HTTP/1.1', 'GET /%ff%zz?path=%ff%zz HTTP/1.1', 'GET http://[/ HTTP/1.1', 'nonsense'])(
    'the odd request %j is answered with 4xx and the server lives on',
    async (line) => {
      const socket = connect(bench.port, '127.0.0.1');
      socket.end(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect((await bench.call('GET', 'api/workbench')).status).toBe(200);
    },
  );
});

describe('requests that change something', () => {
  // fetch forbids a program to set some of these headers.
  const put = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const url = `${bench.url}api/file?path=origin.txt`;
      request(url, { method: 'PUT', headers }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end('x');
    });

  it.each<[string, Record<string, string>]>([
    ['of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['of a neighbour on the same site', { 'Sec-Fetch-Site': 'same-site' }],
    ['of another origin, by an old browser', { Origin: 'https://evil.example' }],
    ['of a sandboxed frame', { Origin: 'null' }],
  ])('from a page %s are refused with 403 and change nothing', async (_case, headers) => {
    await rm(join(bench.workspace, 'origin.txt'), { force: true });
    expect(await put(headers)).toBe(403);
    expect(await readdir(bench.workspace)).not.toContain('origin.txt');
  });

  it.each<[string, Record<string, string>]>([
    ['a program', {}],
    ['the page', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://cloud.example' }],
    ['the page in an old browser', { Origin: 'http://bench.example', Host: 'bench.example' }],
    ['the page behind a gateway', { Origin: 'https://cloud.example', 'X-Forwarded-Host': 'cloud.example' }],
  ])('from %s are done', async (_case, headers) => {
    await rm(join(bench.workspace, 'origin.txt'), { force: true });
    expect(await put(headers)).toBe(201);
  });
});

describe('stopping the web workbench', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'with %s ends open connections and uploads and exits with 0',
    async (signal) => {
      const workspace = await mkdtemp(join(tmpdir(), 'web-workbench-stop-'));
      const own = await startWebWorkbench({ WORKSPACE_PATH: workspace });
      const changes = watch(workspace)[Symbol.asyncIterator]();
      const begun = changes.next();
      const idle = connect(own.port, '127.0.0.1');
      const upload = request(`${own.url}api/file?path=half`, { method: 'PUT', headers: { 'Content-Length': 1000 } });
      const cut = once(upload, 'error');
      upload.write('half');
      await begun;
      await changes.return?.();
      expect(await readdir(workspace)).toEqual([expect.stringMatching(/^\.upload-\w+\.part$/)]);

      const exited = once(own.child, 'exit');
      own.child.kill(signal);
      expect(await exited).toEqual([0, null]);
      await cut;
      expect(await readdir(workspace)).toEqual([]);
      idle.destroy();
      await own.stop();
      await rm(workspace, { recursive: true });
    },
  );

  it('and starting it again shows the same files', async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'web-workbench-again-'));
    const first = await startWebWorkbench({ WORKSPACE_PATH: workspace });
    await first.call('PUT', 'api/file', { path: 'kept.txt', body: 'kept' });
    await first.stop();
    const second = await startWebWorkbench({ WORKSPACE_PATH: workspace });
    expect(await (await second.call('GET', 'api/file', { path: 'kept.txt' })).text()).toBe('kept');
    await second.stop();
    await rm(workspace, { recursive: true });
  });
});

describe('starting the web workbench', () => {
  it('with wrong numbers exits with 1 and names each', async () => {
    const server = fileURLToPath(new URL('../../webWorkbench/server.js', import.meta.url));
    const child = spawn(process.execPath, [server], { env: { PORT: '70000', WORKBENCH_MAX_FILE_BYTES: 'much' } });
    const exited = once(child, 'exit');
    let output = '';
    for await (const chunk of child.stderr) output += chunk;
    expect(output).toMatch(/PORT must be .* WORKBENCH_MAX_FILE_BYTES must be /);
    expect((await exited)[0]).toBe(1);
  });

  it('before its folder is there answers 503, and works once it is', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'web-workbench-late-'));
    const own = await startWebWorkbench({ WORKSPACE_PATH: join(parent, 'a-file-first') });
    expect((await own.call('GET', 'api/files')).status).toBe(503);
    await own.stop();
    await writeFile(join(parent, 'x'), '');
    await rm(parent, { recursive: true });
  });
});

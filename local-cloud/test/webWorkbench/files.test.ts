import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWebWorkbench, type WebWorkbench } from './startWebWorkbench.ts';

let storage: string;
let outside: string;
let bench: WebWorkbench;

beforeAll(async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'web-workbench-storage-')));
  storage = join(folder, 'storage');
  outside = join(folder, 'storage-of-another');
  await Promise.all([mkdir(storage), mkdir(outside)]);
  await symlink(storage, join(folder, 'project'));
  bench = await startWebWorkbench({ WORKSPACE_PATH: join(folder, 'project'), WORKBENCH_MAX_FILE_BYTES: '100000' });
});

afterAll(async () => {
  await bench.stop();
  await rm(join(storage, '..'), { recursive: true });
});

async function entries(path = ''): Promise<{ name: string; kind: string; size: number }[]> {
  const response = await bench.call('GET', 'api/files', { path });
  return JSON.parse(await response.text()).entries;
}

describe('files of the web workbench', () => {
  it('a file that is saved is in the storage behind the link, is listed, and reads back', async () => {
    const saved = await bench.call('PUT', 'api/file', { path: 'hello.txt', body: 'hello\r\n' });
    expect(saved.status).toBe(201);
    expect(await saved.json()).toMatchObject({ path: 'hello.txt', size: 7, etag: saved.headers.get('etag') });
    expect(await readFile(join(storage, 'hello.txt'), 'utf8')).toBe('hello\r\n');

    expect(await entries()).toContainEqual(expect.objectContaining({ name: 'hello.txt', kind: 'file', size: 7 }));
    const read = await bench.call('GET', 'api/file', { path: 'hello.txt' });
    expect(await read.text()).toBe('hello\r\n');
    expect(read.headers.get('etag')).toBe(saved.headers.get('etag'));
  });

  it('a stored HTML file is served as a sandboxed attachment without a type', async () => {
    await writeFile(join(storage, 'evil.html'), '<script>alert(1)</script>');
    const { headers } = await bench.call('GET', 'api/file', { path: 'evil.html' });
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="evil.html"/);
    expect(headers.get('content-security-policy')).toMatch(/^sandbox;/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    'Größe 測試 🧪.txt',
    'a "b" \'c\'.txt',
    '100% #1?&=+.txt',
    'new\nline',
    '..hidden..',
    '-rf *',
    'back\\slash',
  ])('the name %j survives saving, listing, downloading and deleting', async (name) => {
    expect((await bench.call('PUT', 'api/file', { path: name, body: name })).status).toBe(201);
    expect(await readdir(storage)).toContain(name);
    expect(await entries()).toContainEqual(expect.objectContaining({ name, kind: 'file' }));
    const download = await bench.call('GET', 'api/file', { path: name });
    expect(await download.text()).toBe(name);
    const encoded = /filename\*=UTF-8''(.*)$/.exec(download.headers.get('content-disposition') ?? '')?.[1] ?? '';
    expect(decodeURIComponent(encoded)).toBe(name);
    expect((await bench.call('DELETE', 'api/file', { path: name })).status).toBe(200);
    expect(await readdir(storage)).not.toContain(name);
  });

  it('an empty file and any bytes come back unchanged', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    await bench.call('PUT', 'api/file', { path: 'bytes.bin', body: bytes });
    await bench.call('PUT', 'api/file', { path: 'empty', body: '' });
    const read = await bench.call('GET', 'api/file', { path: 'bytes.bin' });
    expect(Buffer.from(await read.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
    expect(await (await bench.call('GET', 'api/file', { path: 'empty' })).text()).toBe('');
    const head = await bench.call('HEAD', 'api/file', { path: 'bytes.bin' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '70000']);
  });

  it('folders are made, listed first, filled, and deleted with all that is in them', async () => {
    expect((await bench.call('POST', 'api/folder', { path: 'zoo' })).status).toBe(201);
    expect((await bench.call('POST', 'api/folder', { path: 'zoo' })).status).toBe(409);
    expect((await bench.call('POST', 'api/folder', { path: 'zoo/cage' })).status).toBe(201);
    expect((await bench.call('PUT', 'api/file', { path: 'zoo/ape.txt', body: 'u' })).status).toBe(201);
    expect((await entries('zoo')).map(({ name, kind }) => [name, kind])).toEqual([
      ['cage', 'folder'],
      ['ape.txt', 'file'],
    ]);
    expect((await bench.call('PUT', 'api/file', { path: 'zoo', body: 'x' })).status).toBe(409);
    expect((await bench.call('GET', 'api/file', { path: 'zoo' })).status).toBe(409);
    expect((await bench.call('DELETE', 'api/file', { path: 'zoo' })).status).toBe(200);
    expect(await readdir(storage)).not.toContain('zoo');
  });

  it.each([
    ['GET', 'api/file', 'missing', 404],
    ['GET', 'api/files', 'missing', 404],
    ['PUT', 'api/file', 'missing/new.txt', 404],
    ['PUT', 'api/file', 'a-file/new.txt', 404],
    ['POST', 'api/folder', 'missing/new', 404],
    ['DELETE', 'api/file', 'missing', 404],
    ['DELETE', 'api/file', '', 400],
    ['PUT', 'api/file', '', 400],
    ['PUT', 'api/file', 'x'.repeat(300), 400],
    ['GET', 'api/files', 'a-file', 404],
  ])('%s %s of %j answers with %4$i and says why', async (method, route, path, status) => {
    await writeFile(join(storage, 'a-file'), 'x');
    const response = await bench.call(method, route, { path, ...(method === 'PUT' ? { body: 'x' } : {}) });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/\.$/) });
  });
});

describe('what lies outside the workspace', () => {
  const escapes = [
    '..',
    '../storage-of-another/secret',
    'x/../../storage-of-another/secret',
    '/etc/passwd',
    './x',
    'a//b',
    'a\0b',
  ];
  it.each(escapes.flatMap((path) => ['GET', 'PUT', 'DELETE', 'POST'].map((method) => [method, path] as const)))(
    '%s of %j is refused with 400',
    async (method, path) => {
      await writeFile(join(outside, 'secret'), 'secret');
      const route = method === 'POST' ? 'api/folder' : 'api/file';
      const response = await bench.call(method, route, { path, ...(method === 'PUT' ? { body: 'x' } : {}) });
      expect(response.status).toBe(400);
      expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    },
  );

  it('is not reached through links, which are listed as neither file nor folder and can be deleted', async () => {
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(outside, join(storage, 'way-out'));
    await symlink(join(outside, 'secret'), join(storage, 'secret-link'));
    const status = async (method: string, route: string, path: string) =>
      (await bench.call(method, route, { path, ...(method === 'PUT' ? { body: 'x' } : {}) })).status;

    expect(await status('GET', 'api/files', 'way-out')).toBe(403);
    expect(await status('GET', 'api/file', 'way-out/secret')).toBe(403);
    expect(await status('PUT', 'api/file', 'way-out/new')).toBe(403);
    expect(await status('POST', 'api/folder', 'way-out/new')).toBe(403);
    expect(await status('DELETE', 'api/file', 'way-out/secret')).toBe(403);
    expect(await status('GET', 'api/file', 'secret-link')).toBe(403);
    expect(await status('PUT', 'api/file', 'secret-link')).toBe(403);
    expect(await entries()).toContainEqual(expect.objectContaining({ name: 'way-out', kind: 'other' }));
    expect(await status('DELETE', 'api/file', 'way-out')).toBe(200);
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('does not include what a link inside the workspace leads to: it is read and written', async () => {
    await writeFile(join(storage, 'target.txt'), 'old');
    await symlink('target.txt', join(storage, 'alias.txt'));
    expect((await bench.call('PUT', 'api/file', { path: 'alias.txt', body: 'new' })).status).toBe(200);
    expect(await readFile(join(storage, 'target.txt'), 'utf8')).toBe('new');
    expect(await (await bench.call('GET', 'api/file', { path: 'alias.txt' })).text()).toBe('new');
  });
});

describe('saving over a file', () => {
  it('that has changed since it was opened answers 412 and keeps the other text', async () => {
    const first = await bench.call('PUT', 'api/file', { path: 'shared.txt', body: 'one' });
    const etag = first.headers.get('etag') ?? '';
    const second = await bench.call('PUT', 'api/file', {
      path: 'shared.txt',
      body: 'two',
      headers: { 'If-Match': etag },
    });
    expect(second.status).toBe(200);
    const third = await bench.call('PUT', 'api/file', {
      path: 'shared.txt',
      body: 'six',
      headers: { 'If-Match': etag },
    });
    expect(third.status).toBe(412);
    expect(await readFile(join(storage, 'shared.txt'), 'utf8')).toBe('two');
  });

  it('from many places at once, all expecting the same version, lets exactly one through', async () => {
    const first = await bench.call('PUT', 'api/file', { path: 'race.txt', body: 'start' });
    const headers = { 'If-Match': first.headers.get('etag') ?? '' };
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        return (await bench.call('PUT', 'api/file', { path: 'race.txt', body: `writer ${index}`, headers })).status;
      }),
    );
    expect(statuses.sort()).toEqual([200, ...Array(7).fill(412)]);
  });

  it('that must be new answers 412 if it exists; that must exist answers 412 if it is gone', async () => {
    await writeFile(join(storage, 'there.txt'), 'there');
    const fresh = { path: 'there.txt', body: 'x', headers: { 'If-None-Match': '*' } };
    expect((await bench.call('PUT', 'api/file', fresh)).status).toBe(412);
    const gone = { path: 'gone.txt', body: 'x', headers: { 'If-Match': '"any"' } };
    expect((await bench.call('PUT', 'api/file', gone)).status).toBe(412);
    expect(await readFile(join(storage, 'there.txt'), 'utf8')).toBe('there');
  });

  it('keeps its permissions', async () => {
    await writeFile(join(storage, 'run.sh'), '#!/bin/sh');
    await chmod(join(storage, 'run.sh'), 0o750);
    await bench.call('PUT', 'api/file', { path: 'run.sh', body: '#!/bin/sh\nls' });
    expect((await stat(join(storage, 'run.sh'))).mode & 0o777).toBe(0o750);
  });

  it.each(['with its length announced', 'in chunks of unknown length'])(
    'with more than the limit, %s, answers 413 and leaves the old file and nothing else',
    async (how) => {
      const folder = how.split(' ')[0] ?? '';
      await mkdir(join(storage, folder));
      await writeFile(join(storage, folder, 'big'), 'old');
      const body = 'x'.repeat(100_001);
      const status = await new Promise((resolve, reject) => {
        const headers = folder === 'with' ? { 'Content-Length': body.length } : {};
        const url = `${bench.url}api/file?path=${folder}/big`;
        const put = request(url, { method: 'PUT', headers }, (response) => resolve(response.resume().statusCode));
        put.on('error', reject);
        put.write(body.slice(0, 50_000));
        put.end(body.slice(50_000));
      });
      expect(status).toBe(413);
      expect(await readdir(join(storage, folder))).toEqual(['big']);
      expect(await readFile(join(storage, folder, 'big'), 'utf8')).toBe('old');
    },
  );
});

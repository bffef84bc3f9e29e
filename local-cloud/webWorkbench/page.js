import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** @type {Readonly<Record<string, string>>} */
const CONTENT_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * @typedef {{ body: Buffer, contentType: string, etag: string }} Asset
 * @typedef {ReadonlyMap<string, Asset>} Page assets by their path below the base; the page itself is ''
 */

/** @param {URL} folder @returns {Promise<Page>} */
export async function loadPage(folder) {
  /** @type {Map<string, Asset>} */
  const page = new Map();
  for (const name of await readdir(folder)) {
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined) continue;
    const body = await readFile(new URL(name, folder));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    page.set(name === 'index.html' ? '' : name, { body, contentType, etag });
  }
  return page;
}

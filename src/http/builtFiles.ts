import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import { NotFoundError } from '../lib/errors.ts';
import { matches } from './conditional.ts';

type Content = Readonly<{ etag: string; bytes: Buffer; gzipped: Buffer }>;

const compress = promisify(gzip);

/**
 * Files that the build has put together, each read once. Their tags are made of what is in them: all controllers that
 * were built of the same have the same, and browsers that come back ask for a few bytes.
 */
export function createBuiltFiles(folder: URL) {
  const contents = new Map<string, Promise<Content>>();

  function contentOf(name: string): Promise<Content> {
    const known = contents.get(name);
    if (known) return known;
    const reading = read(new URL(name, folder)).catch((error: unknown) => {
      contents.delete(name);
      throw error;
    });
    contents.set(name, reading);
    return reading;
  }

  return (name: string, type: string): RequestHandler =>
    async (request: Request, response: Response): Promise<void> => {
      const { etag, bytes, gzipped } = await contentOf(name);
      const packed = request.acceptsEncodings('gzip') === 'gzip';
      const tag = `"${etag}${packed ? '-gz' : ''}"`;
      response.set({ ETag: tag, 'Cache-Control': 'no-cache' }).vary('Accept-Encoding');
      if (matches(request.get('If-None-Match'), tag)) {
        response.status(304).end();
        return;
      }
      response.type(type);
      if (packed) response.set('Content-Encoding', 'gzip');
      response.send(packed ? gzipped : bytes);
    };
}

async function read(file: URL): Promise<Content> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new NotFoundError('This page has not been built: npm run build', { cause });
  });
  const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { etag, bytes, gzipped: await compress(bytes, { level: 9 }) };
}

import { pipeline } from 'node:stream/promises';
import { isCrossSite } from './crossSite.js';
import { RequestError, toRequestError } from './RequestError.js';

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {object} Dependencies
 * @property {string} basePath
 * @property {{ id: string, name: string, userId: string, startedAt: string }} workbench
 * @property {import('./WorkspaceFiles.js').WorkspaceFiles} files
 * @property {number} maxFileBytes
 * @property {import('./page.js').Page} page
 * @property {(error: unknown) => void} logError
 * @typedef {(request: Request, response: Response, path: string) => Promise<void>} Handler
 *   `path`: the query parameter, a file or folder in the workspace
 * @typedef {Readonly<Record<string, Handler>>} Methods
 */

const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** @param {Dependencies} dependencies @returns {(request: Request, response: Response) => Promise<void>} */
export function createRoutes({ basePath, workbench, files, maxFileBytes, page, logError }) {
  /** @type {Methods} */
  const pageMethods = {
    GET: async (request, response) => {
      const asset = page.get(locationOf(request, basePath).route);
      if (!asset) throw new RequestError(404, 'There is no such page.');
      response.setHeader('ETag', asset.etag).setHeader('Cache-Control', 'no-cache');
      if (request.headers['if-none-match'] === asset.etag) return void response.writeHead(304).end();
      response.writeHead(200, { 'Content-Type': asset.contentType, 'Content-Length': asset.body.length });
      response.end(asset.body);
    },
  };

  /** @type {ReadonlyMap<string, Methods>} */
  const api = new Map([
    ['api/workbench', { GET: async (_request, response) => sendJson(response, 200, { ...workbench, maxFileBytes }) }],
    [
      'api/files',
      { GET: async (_request, response, path) => sendJson(response, 200, { path, ...(await files.list(path)) }) },
    ],
    [
      'api/file',
      {
        GET: (request, response, path) => download(files, request, response, path),
        PUT: async (request, response, path) => {
          if (Number(request.headers['content-length'] ?? 0) > maxFileBytes) {
            throw new RequestError(413, `The file is larger than the limit of ${maxFileBytes} bytes.`);
          }
          const { created, ...version } = await files.save(path, request, {
            ifMatch: request.headers['if-match'],
            ifNoneMatch: request.headers['if-none-match'],
          });
          response.setHeader('ETag', version.etag);
          sendJson(response, created ? 201 : 200, { path, ...version });
        },
        DELETE: async (_request, response, path) => {
          await files.remove(path);
          sendJson(response, 200, { path });
        },
      },
    ],
    [
      'api/folder',
      {
        POST: async (_request, response, path) => {
          await files.createFolder(path);
          sendJson(response, 201, { path });
        },
      },
    ],
  ]);

  return async (request, response) => {
    try {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      const { route, query, redirect } = locationOf(request, basePath);
      if (redirect !== undefined) return void response.writeHead(308, { Location: redirect }).end();
      const methods = api.get(route) ?? pageMethods;
      const handler = methods[request.method === 'HEAD' ? 'GET' : (request.method ?? '')];
      if (!handler) throw methodNotAllowed(methods);
      if (request.method !== 'GET' && request.method !== 'HEAD' && isCrossSite(request.headers)) {
        throw new RequestError(403, 'Requests from pages of other sites are refused.');
      }
      await handler(request, response, query.get('path') ?? '');
    } catch (error) {
      // A caller who has gone needs no answer, and that is nobody's fault.
      if (response.headersSent || (request.destroyed && !request.complete)) return void response.destroy();
      const known = toRequestError(error);
      if (!known) logError(error);
      const { status, message, headers } = known ?? new RequestError(500, 'The workbench failed. See its log.');
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      sendJson(response, status, { error: message });
    }
  };
}

/**
 * The part of the address below the base. Without the base it counts from the root: a gateway may strip it.
 *
 * @param {Request} request
 * @param {string} basePath
 * @returns {{ route: string, query: URLSearchParams, redirect?: string }}
 */
function locationOf(request, basePath) {
  const [pathname = '', ...rest] = (request.url ?? '/').split('?');
  const search = rest.join('?');
  const query = new URLSearchParams(search);
  if (basePath && pathname === basePath) {
    return { route: '', query, redirect: `${basePath}/${search && `?${search}`}` };
  }
  const below = pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname;
  return { route: below.slice(1), query };
}

/**
 * Always as an attachment without a type of its own, and sandboxed: a stored page must not act as this page.
 *
 * @param {import('./WorkspaceFiles.js').WorkspaceFiles} files
 * @param {Request} request
 * @param {Response} response
 * @param {string} path
 */
async function download(files, request, response, path) {
  const { name, size, modified, etag, handle } = await files.open(path);
  try {
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': size,
      'Content-Disposition': attachment(name),
      'Content-Security-Policy': "sandbox; default-src 'none'",
      'Cache-Control': 'no-store',
      'Last-Modified': new Date(modified).toUTCString(),
      ETag: etag,
    });
    if (request.method === 'HEAD' || size === 0) return void response.end();
    // Up to the announced length, even if the file grows meanwhile.
    await pipeline(handle.createReadStream({ autoClose: false, end: size - 1 }), response);
  } finally {
    await handle.close();
  }
}

/** RFC 6266: an ASCII name for old clients, and the real one. @param {string} name */
function attachment(name) {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** @param {Methods} methods */
function methodNotAllowed(methods) {
  const allowed = Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const Allow = allowed.join(', ');
  return new RequestError(405, `This address takes ${Allow}.`, { headers: { Allow } });
}

/** @param {Response} response @param {number} status @param {object} body */
function sendJson(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

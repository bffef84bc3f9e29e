/** A failed call; `status` is 0 if the workbench did not answer at all. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

// Relative to the page, so that it works below any base path.
async function call(method, route, { path, body, headers = {} } = {}) {
  const address = path === undefined ? route : `${route}?path=${encodeURIComponent(path)}`;
  let response;
  try {
    response = await fetch(address, { method, body, headers, cache: 'no-store' });
  } catch {
    throw new ApiError(0, 'The workbench does not answer. It may have been stopped; start it and try again.');
  }
  if (!response.ok) throw new ApiError(response.status, await messageOf(response));
  return response;
}

/** The workbench says `{error: text}`; a gateway before it may say `{error: {message}}` or send a page. */
async function messageOf(response) {
  try {
    const { error } = await response.json();
    const message = typeof error === 'string' ? error : error.message;
    if (message) return message;
  } catch {
    // Not JSON: the status has to do.
  }
  if (response.status >= 502 && response.status <= 504)
    return 'The workbench cannot be reached. It may have been stopped; start it and try again.';
  return `The request failed with status ${response.status}.`;
}

const json = async (response) => (await response).json();

export const getWorkbench = () => json(call('GET', 'api/workbench'));
export const listFiles = (path) => json(call('GET', 'api/files', { path }));
export const createFolder = (path) => call('POST', 'api/folder', { path });
export const remove = (path) => call('DELETE', 'api/file', { path });

export async function readFile(path) {
  const response = await call('GET', 'api/file', { path });
  return { etag: response.headers.get('ETag'), bytes: new Uint8Array(await response.arrayBuffer()) };
}

/** Without `etag` the file must be new; `overwrite` replaces whatever is there. */
export function saveFile(path, body, { etag, overwrite = false } = {}) {
  const condition = etag ? { 'If-Match': etag } : { 'If-None-Match': '*' };
  return json(call('PUT', 'api/file', { path, body, headers: overwrite ? {} : condition }));
}

export function downloadFile(path) {
  const link = document.createElement('a');
  link.href = `api/file?path=${encodeURIComponent(path)}`;
  link.download = '';
  link.click();
}

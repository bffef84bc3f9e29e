import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { errorCode, RequestError } from './RequestError.js';

/**
 * The names on a path below the workspace; none for the workspace itself. Never steps up or out.
 *
 * @param {string} path
 * @returns {string[]}
 */
export function parsePath(path) {
  if (path === '') return [];
  if (path.startsWith('/')) throw new RequestError(400, 'The path must be relative to the workspace.');
  const names = path.split('/');
  for (const name of names) {
    if (name === '' || name === '.' || name === '..' || name.includes('\0')) {
      throw new RequestError(400, "The path must not contain empty names, '.', '..' or NUL.");
    }
  }
  return names;
}

/**
 * Where something that exists really is, links followed.
 *
 * @param {string} root the workspace, itself free of links
 * @param {readonly string[]} names
 */
export async function locate(root, names) {
  const real = await realpath(join(root, ...names));
  if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw new RequestError(403, 'This link leads outside the workspace and is not followed.');
  }
  return real;
}

/**
 * The place in its folder of something that may not exist; a link in the last place is not followed.
 *
 * @param {string} root
 * @param {readonly string[]} names
 */
export async function locateEntry(root, names) {
  const name = names.at(-1);
  if (name === undefined) throw new RequestError(400, 'The path must name a file or folder in the workspace.');
  return join(await locate(root, names.slice(0, -1)), name);
}

/**
 * Where to write a file: what a link leads to if it exists, and otherwise the place itself.
 *
 * @param {string} root
 * @param {readonly string[]} names
 */
export async function locateForWriting(root, names) {
  const entry = await locateEntry(root, names);
  try {
    return await locate(root, names);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return entry;
    throw error;
  }
}

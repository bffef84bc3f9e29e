import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, RequestError } from './RequestError.js';
import { locate, locateEntry, locateForWriting, parsePath } from './workspacePath.js';

/** More than this is no use in a page, and each entry costs a round trip on a network file system. */
const MAX_ENTRIES = 5_000;

/**
 * @typedef {import('node:fs').BigIntStats} Stats
 * @typedef {{ size: number, modified: string, etag: string }} Version
 * @typedef {{ name: string, kind: 'folder' | 'file' | 'other', size: number, modified: string }} Entry
 *   `other`: a link that leads nowhere or outside, a socket, a device
 * @typedef {{ ifMatch?: string | undefined, ifNoneMatch?: string | undefined }} Conditions the HTTP headers
 */

/** The files of one workspace. Paths are relative to it, with `/`; nothing outside it is ever read or written. */
export class WorkspaceFiles {
  #folder;
  #maxFileBytes;
  /** @type {Promise<unknown>} */
  #lastCommit = Promise.resolve();

  /** @param {{ folder: string, maxFileBytes: number }} settings `folder` may be a link to the storage */
  constructor({ folder, maxFileBytes }) {
    this.#folder = folder;
    this.#maxFileBytes = maxFileBytes;
  }

  /** @param {string} path @returns {Promise<{ entries: Entry[], truncated: boolean }>} folders first */
  async list(path) {
    const root = await this.#root();
    const names = parsePath(path);
    const found = await readdir(await locate(root, names));
    const entries = await Promise.all(found.slice(0, MAX_ENTRIES).map((name) => describe(root, [...names, name])));
    return { entries: entries.sort(foldersFirst), truncated: found.length > MAX_ENTRIES };
  }

  /**
   * The caller closes the handle.
   *
   * @param {string} path
   * @returns {Promise<Version & { name: string, handle: import('node:fs/promises').FileHandle }>}
   */
  async open(path) {
    const names = parsePath(path);
    const target = await locate(await this.#root(), names);
    // Before opening: a pipe would keep the open waiting for a writer.
    requireFile(await stat(target, { bigint: true }));
    const handle = await open(target);
    return { name: names.at(-1) ?? '', ...version(await handle.stat({ bigint: true })), handle };
  }

  /**
   * Atomic: a reader sees the old file or the new one, and after a failure the old one stands.
   *
   * @param {string} path
   * @param {import('node:stream').Readable} content
   * @param {Conditions} conditions
   * @returns {Promise<Version & { created: boolean }>}
   */
  async save(path, content, conditions) {
    const target = await locateForWriting(await this.#root(), parsePath(path));
    checkReplaceable(await statIfAny(target), conditions);
    const temporary = join(dirname(target), `.upload-${randomBytes(8).toString('hex')}.part`);
    try {
      const handle = await open(temporary, 'wx');
      try {
        for await (const chunk of limited(content, this.#maxFileBytes)) await handle.writeFile(chunk);
        await handle.sync();
        return await this.#commit(async () => {
          const replaced = await statIfAny(target);
          checkReplaceable(replaced, conditions);
          if (replaced) await handle.chmod(Number(replaced.mode & 0o777n));
          await rename(temporary, target);
          return { ...version(await handle.stat({ bigint: true })), created: replaced === undefined };
        });
      } finally {
        await handle.close();
      }
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** @param {string} path */
  async createFolder(path) {
    await mkdir(await locateEntry(await this.#root(), parsePath(path)));
  }

  /** A folder goes with all that is in it; of a link, only the link. @param {string} path */
  async remove(path) {
    await rm(await locateEntry(await this.#root(), parsePath(path)), { recursive: true });
  }

  /** Looked up each time: the storage may be mounted after the start. */
  async #root() {
    try {
      return await realpath(this.#folder);
    } catch (cause) {
      throw new RequestError(503, 'The workspace folder is not there. Stop and start the workbench.', { cause });
    }
  }

  /**
   * One at a time, so that of two saves that expect the same version only one finds it.
   *
   * @template T
   * @param {() => Promise<T>} action
   * @returns {Promise<T>}
   */
  #commit(action) {
    const result = this.#lastCommit.then(action);
    this.#lastCommit = result.catch(() => undefined);
    return result;
  }
}

/** @param {string} root @param {string[]} names @returns {Promise<Entry>} */
async function describe(root, names) {
  const name = names.at(-1) ?? '';
  try {
    const stats = await stat(await locate(root, names), { bigint: true });
    const kind = stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
    return { name, kind, size: Number(stats.size), modified: stats.mtime.toISOString() };
  } catch {
    return { name, kind: 'other', size: 0, modified: new Date(0).toISOString() };
  }
}

/** @param {Entry} a @param {Entry} b */
function foldersFirst(a, b) {
  const byKind = Number(b.kind === 'folder') - Number(a.kind === 'folder');
  return byKind || a.name.localeCompare(b.name, 'en', { numeric: true });
}

/** @param {Stats} stats @returns {Version} */
function version(stats) {
  const etag = `"${[stats.mtimeNs, stats.size, stats.ino].map((part) => part.toString(36)).join('-')}"`;
  return { size: Number(stats.size), modified: stats.mtime.toISOString(), etag };
}

/** @param {string} target */
async function statIfAny(target) {
  try {
    return await stat(target, { bigint: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {Stats | undefined} stats @param {Conditions} conditions */
function checkReplaceable(stats, { ifMatch, ifNoneMatch }) {
  if (stats) requireFile(stats);
  const etag = stats && version(stats).etag;
  if (ifMatch !== undefined && !matches(ifMatch, etag)) {
    throw new RequestError(412, stats ? 'The file has changed since it was opened.' : 'The file has been deleted.');
  }
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) {
    throw new RequestError(412, 'There is already a file of this name.');
  }
}

/** @param {string} header @param {string | undefined} etag */
function matches(header, etag) {
  if (etag === undefined) return false;
  // A proxy that compresses marks the tag as weak; it still names this version.
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** @param {Stats} stats */
function requireFile(stats) {
  if (stats.isDirectory()) throw new RequestError(409, 'This is a folder.');
  if (!stats.isFile()) throw new RequestError(409, 'This is not a regular file.');
}

/**
 * Leaves the stream undestroyed on failure: the answer has to go out over the same connection.
 *
 * @param {import('node:stream').Readable} content
 * @param {number} maxBytes
 */
async function* limited(content, maxBytes) {
  let bytes = 0;
  for await (const chunk of content.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new RequestError(413, `The file is larger than the limit of ${maxBytes} bytes.`);
    yield chunk;
  }
}

import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const LEAST_BYTES = 32;
const FILE = 'session-key';

/** Reads `WB_SESSION_KEYS`: the first signs, all verify. @returns what is wrong with it, as text */
export function parseSessionKeys(text: string): readonly string[] | string {
  const keys = text.split(',').flatMap((key) => key.trim() || []);
  if (keys.length === 0) return 'must hold a secret';
  return keys.every((key) => Buffer.byteLength(key) >= LEAST_BYTES)
    ? keys
    : `must be secrets of at least ${LEAST_BYTES} bytes each, such as openssl rand -hex ${LEAST_BYTES} makes`;
}

/** A laptop's key: made once, kept beside its data, for its owner's eyes alone. */
export async function localSessionKey(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, FILE);
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, `${randomBytes(LEAST_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  // Whole or not at all, and the same for all who start at once.
  await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(fresh);
  await chmod(path, 0o600);
  const key = (await readFile(path, 'utf8')).trim();
  if (Buffer.byteLength(key) >= LEAST_BYTES) return key;
  throw new Error(`${path} holds no key: delete it, and a new one is made (whoever is signed in has to sign in again)`);
}

import type { IncomingMessage } from 'node:http';
import type { Authority } from './authority.ts';
import { readTarget, type Target } from './readTarget.ts';

const MOST_HOSTS = 1_000;
/** Longer than names get. */
const MOST_LENGTH = 300;

/** As readTarget. Clients name few hosts, over and over: each is read once, and is one and the same object from then on. */
export function rememberTargets(): (
  request: Pick<IncomingMessage, 'url' | 'headers'> & Readonly<{ rawHeaders: readonly string[] }>,
) => Target | undefined {
  const known = new Map<string, Authority | undefined>();
  return ({ url = '', headers: { host }, rawHeaders }) => {
    if (host === undefined || !url.startsWith('/')) return readTarget(url, rawHeaders);
    if (known.has(host)) return { authority: known.get(host), path: url };
    const read = readTarget(url, rawHeaders);
    if (read && host.length <= MOST_LENGTH) {
      if (known.size >= MOST_HOSTS) known.clear();
      known.set(host, read.authority);
    }
    return read;
  };
}

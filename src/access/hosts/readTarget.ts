import { type Authority, parseAuthority } from './authority.ts';

/** Whom a request is for: its host, and the path as it came. */
export type Target = Readonly<{
  /** Undefined: it names none, which no browser does. */
  authority: Authority | undefined;
  path: string;
}>;

/**
 * Reads a request's host as RFC 9112 (3.2) has it: an absolute target's own host counts, and then Host does not.
 *
 * @param url the request's target, in origin or absolute form
 * @param rawHeaders node's flat list: names and values in turn
 * @returns undefined for a request that is to be answered 400
 */
export function readTarget(url: string, rawHeaders: readonly string[]): Target | undefined {
  const hosts = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host');
  if (hosts.length > 1) return undefined;
  const [, absolute, rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  // Another scheme is no way to name a path here; `*` asks the server itself.
  if (absolute === undefined && !url.startsWith('/') && url !== '*') return undefined;
  const named = absolute ?? hosts[0]?.trim() ?? '';
  if (named === '') return absolute === undefined ? { authority: undefined, path: url } : undefined;
  const authority = parseAuthority(named);
  if (!authority) return undefined;
  return { authority, path: absolute === undefined ? url : rest.replace(/^(?!\/)/, '/') };
}

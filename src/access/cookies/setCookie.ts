import { type BaseUrl, basePathOf, originOf } from '../hosts/baseUrl.ts';
import { isSafe } from '../hosts/isSafe.ts';

export type CookieScope = Readonly<{
  path: string;
  secure: boolean;
  /** Sent in frames of other sites too, to each of those its own. */
  embedded: boolean;
}>;

/**
 * Where a workbench's cookies go. Browsers take Secure ones from https and from this machine, and `__Host-` only Secure.
 *
 * @param framed whether pages of other sites may embed workbenches
 */
export function workbenchScope(base: BaseUrl, workbenchId: string, framed: boolean): CookieScope {
  const secure = isSafe(originOf(base, workbenchId));
  return { path: `${basePathOf(base, workbenchId)}/`, secure, embedded: framed && secure };
}

/** The controller's own host: no page of another ever frames what these let into. */
export function controllerScope(publicUrl: string): CookieScope {
  return { path: '/', secure: isSafe(publicUrl), embedded: false };
}

/** @param maxAge seconds; 0 takes the cookie away */
export function setCookie(
  name: string,
  value: string,
  { path, secure, embedded }: CookieScope,
  maxAge: number,
): string {
  const site = embedded ? 'SameSite=None; Secure; Partitioned' : `SameSite=Lax${secure ? '; Secure' : ''}`;
  return `${name}=${value}; Path=${path}; Max-Age=${Math.max(0, Math.floor(maxAge))}; HttpOnly; ${site}`;
}

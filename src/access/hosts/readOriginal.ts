import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The request that a proxy asks about, as the gateway would have got it. */
export type Original = Readonly<{
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  rawHeaders: readonly string[];
  /** A websocket's opening. */
  upgrade: boolean;
}>;

/** Nothing is asked; or two have had their say, and one of them may be the client. */
export type OriginalFault = 'nothing-asked' | 'asked-twice' | 'asked-by-both-families';

/** How nginx's configuration says it, and how Caddy and Traefik do. */
const families = ['x-original-', 'x-forwarded-'] as const;
const parts = ['method', 'uri', 'host', 'proto'] as const;

/**
 * Reads what a proxy says of the request that it holds. Only for a proxy whose word counts: each of these headers is
 * any client's to send. `proto` is not read: what browsers use is known from `WB_BASE_URL`.
 */
export function readOriginal({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Original | OriginalFault {
  const sent = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const said = families.map((family) => parts.filter((part) => sent.includes(`${family}${part}`)));
  if (said.every((its) => its.length > 0)) return 'asked-by-both-families';
  const family = families[said.findIndex((its) => its.length > 0)];
  if (family === undefined) return 'nothing-asked';
  if (parts.some((part) => sent.filter((name) => name === `${family}${part}`).length > 1)) return 'asked-twice';

  const of = (part: (typeof parts)[number]) => headers[`${family}${part}`]?.toString() || undefined;
  const [method, url, host = headers.host] = [of('method'), of('uri'), of('host')];
  // A method left out is none that reads: a POST must not pass as one.
  if (method === undefined || url === undefined) return 'nothing-asked';
  return {
    method,
    url,
    headers: { ...headers, host },
    rawHeaders: host === undefined ? [] : ['Host', host],
    // Proxies drop Upgrade, as it is of one connection; no page can send the other.
    upgrade: /websocket/i.test(headers.upgrade ?? '') || headers['sec-websocket-key'] !== undefined,
  };
}

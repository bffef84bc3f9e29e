import type { Framing } from './framing.ts';
import { hopByHopAmong } from './hopByHop.ts';

export interface RequestFacts {
  method: string;
  framing: Framing;
  /** An HTTP/1.0 client's Expect is to be ignored. */
  http11: boolean;
  /** A websocket's opening. */
  upgrade: boolean;
  remoteAddress: string | undefined;
  encrypted: boolean;
  /** The workbench's own path, without a trailing slash. */
  prefix: string;
  /** Keeps the controller's own tokens from code that runs in a workbench. */
  stripAuthorization: boolean;
}

/** Node would announce chunks on any other method that has no body. */
const withoutBody: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/**
 * What goes to the task: names and values in turn, byte for byte as they came, in their order, less what is of the client's
 * connection. Host stays the client's: an IDE compares it with Origin.
 */
export function headersToTask(raw: readonly string[], facts: RequestFacts): string[] {
  const hopByHop = hopByHopAmong(raw);
  const headers: string[] = [];
  let forwardedFor: string | undefined;
  let forwardedHost: string | undefined;
  let protocol = false;
  let host: string | undefined;
  let length = false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (hopByHop(lower) && !(facts.upgrade && lower === 'upgrade')) continue;
    switch (lower) {
      case 'x-forwarded-prefix':
        continue;
      case 'x-forwarded-for':
        forwardedFor = forwardedFor === undefined ? value : `${forwardedFor}, ${value}`;
        continue;
      case 'authorization':
        if (facts.stripAuthorization) continue;
        break;
      case 'expect':
        if (!facts.http11) continue;
        break;
      case 'trailer':
        if (facts.framing.kind !== 'chunked') continue;
        break;
      case 'host':
        host = value;
        break;
      case 'content-length':
        length = true;
        break;
      case 'x-forwarded-host':
        forwardedHost = value;
        break;
      // A load balancer in front knows better than this connection what the browser uses.
      case 'x-forwarded-proto':
        protocol = true;
        break;
    }
    headers.push(name, value);
  }
  const address = facts.remoteAddress ?? 'unknown';
  headers.push('X-Forwarded-For', forwardedFor === undefined ? address : `${forwardedFor}, ${address}`);
  if (!protocol) headers.push('X-Forwarded-Proto', facts.encrypted ? 'https' : 'http');
  if (forwardedHost === undefined && host !== undefined) headers.push('X-Forwarded-Host', host);
  headers.push('X-Forwarded-Prefix', facts.prefix);
  if (facts.framing.kind === 'none' && !length && !withoutBody.has(facts.method)) headers.push('Content-Length', '0');
  headers.push('Connection', facts.upgrade ? 'Upgrade' : 'keep-alive');
  return headers;
}

import { isIP, isIPv6 } from 'node:net';

/** The host that a request or an origin names, as comparisons need it: lower case, without a trailing dot. */
export type Authority = Readonly<{
  name: string;
  port: number | undefined;
  /** An address: nobody can make a name point elsewhere where there is none. */
  ip: boolean;
}>;

const label = /^[a-z0-9_-]{1,63}$/;

/** Reads `host`, `host:port`, `[::1]:port`. Undefined for whatever is no such thing. */
export function parseAuthority(text: string): Authority | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{0,5}))?$/.exec(text) ?? [];
  const port = digits ? Number(digits) : undefined;
  if (port !== undefined && port > 65_535) return undefined;
  if (bracketed !== undefined) {
    return isIPv6(bracketed) && !bracketed.includes('%')
      ? { name: canonicalIpv6(bracketed), port, ip: true }
      : undefined;
  }
  const name = (plain ?? '').toLowerCase().replace(/\.$/, '');
  if (isIP(name) === 4) return { name, port, ip: true };
  return name.length <= 253 && name.split('.').every((part) => label.test(part))
    ? { name, port, ip: false }
    : undefined;
}

/** Names that browsers resolve to this machine whatever DNS says. */
export function isLoopbackName(hostname: string): boolean {
  const name = hostname
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[|\]$/g, '');
  if (isIP(name)) return name === '::1' || name.startsWith('127.');
  return name === 'localhost' || name.endsWith('.localhost');
}

function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

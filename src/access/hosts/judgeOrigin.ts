import { type Authority, parseAuthority } from './authority.ts';

/** What a browser says of where a request comes from. */
export type Provenance = Readonly<{
  method: string;
  upgrade: boolean;
  /** Of the request's host; undefined where it names none. */
  authority: Authority | undefined;
  origin: string | undefined;
  /** `Sec-Fetch-Site`, `-Mode` and `-Dest`. */
  site: string | undefined;
  mode: string | undefined;
  destination: string | undefined;
}>;

export type OriginRules = Readonly<{
  /** What browsers use at this host, where that is known: its other scheme is another origin. */
  scheme: 'http' | 'https' | undefined;
  /** Origins that may what the host's own may. */
  configured: readonly string[];
  /** Whether pages of other sites may embed this host's pages. */
  framed: boolean;
}>;

/** The rule that a request breaks. */
export type OriginFault = 'origin-null' | 'origin-foreign' | 'origin-missing' | 'fetch-site' | 'fetch-unknown';

/**
 * Whether a page of somebody else stands behind a request that a cookie would let pass, or nothing has to.
 *
 * @param byCookie the browser vouches by itself: what changes something, or opens a socket, must then say where it is from
 * @returns undefined if it may pass
 */
export function judgeOrigin(from: Provenance, rules: OriginRules, byCookie: boolean): OriginFault | undefined {
  const { origin } = from;
  const reading = (from.method === 'GET' || from.method === 'HEAD') && !from.upgrade;
  if (origin !== undefined) {
    if (origin === 'null') return 'origin-null';
    if (!isOwn(origin, from.authority, rules.scheme) && !rules.configured.includes(origin)) return 'origin-foreign';
    // Fetch metadata would call a configured origin cross-site.
    return undefined;
  }
  if (from.site !== undefined) return siteFault(from, rules, reading, byCookie);
  return byCookie && !reading ? 'origin-missing' : undefined;
}

/** `no-cors` and the like prove nothing (CVE-2026-40864); only a page that shows, at the top or framed with leave, may come from elsewhere. */
function siteFault(
  from: Provenance,
  { framed }: OriginRules,
  reading: boolean,
  byCookie: boolean,
): OriginFault | undefined {
  const { site, mode, destination, upgrade } = from;
  // Browsers send Origin with each of these, whoever asks.
  if (upgrade) return 'origin-missing';
  if (site === 'same-origin') return undefined;
  if (site === 'none') return reading || !byCookie ? undefined : 'origin-missing';
  if (site !== 'same-site' && site !== 'cross-site') return 'fetch-unknown';
  const shows = destination === 'document' || (framed && (destination === 'iframe' || destination === 'frame'));
  return reading && mode === 'navigate' && shows ? undefined : 'fetch-site';
}

/** `https://w` and `w:443` are the same; `http://w` is none of https’s. */
function isOwn(origin: string, own: Authority | undefined, scheme: 'http' | 'https' | undefined): boolean {
  const [, its, host = ''] = /^(https?):\/\/([^/?#@]+)$/.exec(origin) ?? [];
  const authority = parseAuthority(host);
  if (!own || !authority || (scheme !== undefined && its !== scheme)) return false;
  const usual = its === 'https' ? 443 : 80;
  return authority.name === own.name && (authority.port ?? usual) === (own.port ?? usual);
}

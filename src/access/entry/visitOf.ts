import type { IncomingHttpHeaders } from 'node:http';
import type { Authority } from '../hosts/authority.ts';
import type { Provenance } from '../hosts/judgeOrigin.ts';

/** A request to a workbench, as far as it says who sends it. */
export type Visit = Readonly<{
  workbenchId: string;
  from: Provenance;
  /** What it asks for, below the workbench's own path. */
  path: string;
  cookie: string | undefined;
  authorization: string | undefined;
  /** A browser that will show the answer to a person; others are better told than led elsewhere. */
  wantsPage: boolean;
}>;

type Request = Readonly<{ method?: string | undefined; headers: IncomingHttpHeaders }>;

export function visitOf(
  { method = 'GET', headers }: Request,
  target: Readonly<{ workbenchId: string; authority: Authority | undefined; upgrade: boolean; path?: string }>,
): Visit {
  const from = provenanceOf({ method, headers }, target);
  return {
    workbenchId: target.workbenchId,
    from,
    path: target.path ?? '/',
    cookie: headers.cookie,
    authorization: headers.authorization,
    wantsPage: wantsPage(from, headers.accept),
  };
}

export function provenanceOf(
  { method = 'GET', headers }: Request,
  { authority, upgrade }: Readonly<{ authority: Authority | undefined; upgrade: boolean }>,
): Provenance {
  return {
    method,
    upgrade,
    authority,
    origin: headers.origin,
    site: single(headers['sec-fetch-site']),
    mode: single(headers['sec-fetch-mode']),
    destination: single(headers['sec-fetch-dest']),
  };
}

/** A header that came several times is joined, and then is none of the values that are known. */
function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join() : value;
}

function wantsPage({ method, upgrade, mode }: Provenance, accept: string | undefined): boolean {
  if (upgrade || (method !== 'GET' && method !== 'HEAD')) return false;
  return mode === undefined ? /\btext\/html\b/i.test(accept ?? '') : mode === 'navigate';
}

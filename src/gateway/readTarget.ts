import type { IncomingMessage } from 'node:http';

/** What a request means to the gateway. */
export type Target =
  | { kind: 'notOurs' }
  | { kind: 'notFound' }
  /** The workbench without its trailing slash: relative links on its page would miss it. */
  | { kind: 'redirect'; location: string }
  | { kind: 'workbench'; workbenchId: string };

export interface ReadTarget {
  /** Which workbench a request means. The one place that knows: by its path, as it came. */
  readTarget(request: Pick<IncomingMessage, 'url' | 'headers'>): Target;
  /** The path of a workbench as browsers see it, without a trailing slash. */
  prefixOf(workbenchId: string): string;
}

const workbenchIdPattern = /^[0-9a-f]{8,40}$/;

/** @param path the path of the public endpoints' base URL */
export function createReadTarget(path: string): ReadTarget {
  const basePath = normalizeBasePath(path);
  return {
    readTarget: ({ url = '' }) => parseGatewayPath(basePath, url),
    prefixOf: (workbenchId) => `${basePath}/${workbenchId}`,
  };
}

/**
 * Reads `<basePath>/<wid>/…` literally: nothing is decoded or normalised, so that what is checked here is what decides
 * the destination, whatever the rest of the path holds (`..`, `%2e%2e`, `//`).
 *
 * @param basePath as normalizeBasePath leaves it: empty, or with a leading and no trailing slash
 */
export function parseGatewayPath(basePath: string, target: string): Target {
  if (!target.startsWith(`${basePath}/`) && !isBasePathItself(basePath, target)) return { kind: 'notOurs' };

  const [, workbenchId = '', rest = ''] = /^\/?([^/?#]*)(.*)$/s.exec(target.slice(basePath.length)) ?? [];
  if (!workbenchIdPattern.test(workbenchId)) {
    // At the root of the host the gateway shares its paths with everything else that is served there.
    return { kind: basePath === '' ? 'notOurs' : 'notFound' };
  }
  if (rest.startsWith('/')) return { kind: 'workbench', workbenchId };
  const query = rest.startsWith('?') ? rest : '';
  return { kind: 'redirect', location: `${basePath}/${workbenchId}/${query}` };
}

/** `/project/` and `project` → `/project`; `/` → ''. */
export function normalizeBasePath(path: string): string {
  const inner = path.replace(/^\/+|\/+$/g, '');
  return inner === '' ? '' : `/${inner}`;
}

function isBasePathItself(basePath: string, target: string): boolean {
  return target === basePath || target.startsWith(`${basePath}?`);
}

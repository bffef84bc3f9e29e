/** What a request's target means to the gateway. */
export type GatewayPath =
  | { kind: 'notOurs' }
  | { kind: 'notFound' }
  /** The workbench without its trailing slash: relative links on its page would miss it. */
  | { kind: 'redirect'; location: string }
  | { kind: 'workbench'; workbenchId: string };

const workbenchIdPattern = /^[0-9a-f]{8,40}$/;

/**
 * Reads `<basePath>/<wid>/…` literally: nothing is decoded or normalised, so that what is checked here is what decides
 * the destination, whatever the rest of the path holds (`..`, `%2e%2e`, `//`).
 *
 * @param basePath as normalizeBasePath leaves it: empty, or with a leading and no trailing slash
 */
export function parseGatewayPath(basePath: string, target: string): GatewayPath {
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

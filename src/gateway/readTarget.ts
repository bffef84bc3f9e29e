import type { IncomingMessage } from 'node:http';
import type { Authority } from '../access/hosts/authority.ts';
import { type BaseUrl, workbenchAt } from '../access/hosts/baseUrl.ts';
import { rememberTargets } from '../access/hosts/rememberTargets.ts';
import { isWorkbenchId } from '../workbench/model/Workbench.ts';

/** What a request means to the gateway. */
export type Target =
  | { kind: 'notOurs' }
  | { kind: 'notFound' }
  /** The workbench without its trailing slash: relative links on its page would miss it. */
  | { kind: 'redirect'; location: string }
  | WorkbenchTarget;

export type WorkbenchTarget = {
  kind: 'workbench';
  workbenchId: string;
  authority: Authority | undefined;
  /** What the task is asked for. */
  url: string;
  /** The path below the workbench's own, query included. */
  rest: string;
};

type Request = Pick<IncomingMessage, 'url' | 'headers'> & Readonly<{ rawHeaders: readonly string[] }>;

/** Which workbench a request means: by its host where each has its own, else by its path as it came. The one place that knows. */
export function createReadTarget(base: () => BaseUrl): (request: Request) => Target {
  const hostOf = rememberTargets();
  return (request) => {
    const host = hostOf(request);
    // The server has refused two Hosts; what can't be read is nobody's.
    if (!host) return { kind: 'notOurs' };
    const { authority, path } = host;
    const current = base();
    if (current.mode === 'path') return parseGatewayPath(current.path, path, authority);
    const workbenchId = authority && workbenchAt(current, authority.name);
    if (workbenchId === undefined) return { kind: 'notOurs' };
    // `OPTIONS *` asks the server, and this is none.
    if (!path.startsWith('/')) return { kind: 'notFound' };
    return { kind: 'workbench', workbenchId, authority, url: path, rest: path };
  };
}

/**
 * Reads `<basePath>/<wid>/…` literally: nothing is decoded or normalised, so that what is checked here is what decides
 * the destination, whatever the rest of the path holds (`..`, `%2e%2e`, `//`).
 *
 * @param basePath empty, or with a leading and no trailing slash
 */
export function parseGatewayPath(basePath: string, target: string, authority?: Authority): Target {
  if (!target.startsWith(`${basePath}/`) && !isBasePathItself(basePath, target)) return { kind: 'notOurs' };

  const [, workbenchId = '', rest = ''] = /^\/?([^/?#]*)(.*)$/s.exec(target.slice(basePath.length)) ?? [];
  if (!isWorkbenchId(workbenchId)) {
    // At the root of the host the gateway shares its paths with everything else that is served there.
    return { kind: basePath === '' ? 'notOurs' : 'notFound' };
  }
  if (rest.startsWith('/')) return { kind: 'workbench', workbenchId, authority, url: target, rest };
  const query = rest.startsWith('?') ? rest : '';
  return { kind: 'redirect', location: `${basePath}/${workbenchId}/${query}` };
}

/** What is ours of a workbench's paths, whatever its application has there. */
export function isOwnPath(rest: string): boolean {
  return rest.startsWith('/.workbench/');
}

function isBasePathItself(basePath: string, target: string): boolean {
  return target === basePath || target.startsWith(`${basePath}?`);
}

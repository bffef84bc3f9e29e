import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BlockList, isIPv6 } from 'node:net';
import type { Logger } from 'pino';
import { cookieForTask } from '../access/headers/forTask.ts';
import { type Original, readOriginal } from '../access/hosts/readOriginal.ts';
import { isTrusted } from '../access/hosts/trustedProxies.ts';
import type { Admission } from './createAdmission.ts';
import type { Routes } from './createRoutes.ts';
import type { Upstream } from './destination.ts';
import * as entryRefusals from './entryRefusal.ts';
import { isOwnPath, type Target, type WorkbenchTarget } from './readTarget.ts';
import * as refusals from './refusal.ts';

/** For proxies that reach the tasks themselves, and ask here about each request. */
export type ForProxies = Readonly<{
  /** 200 with who it is and where to, else 401 or 403 and nothing else: nginx knows no other answers. */
  check(request: IncomingMessage, response: ServerResponse): void;
  /** What the gateway would say in place of the workbench to the request that was refused. */
  page(request: IncomingMessage, response: ServerResponse): void;
}>;

export type ForProxiesOptions = Readonly<{
  trustedProxies: BlockList | undefined;
  /** Whether a request for a workbench may come by its host, and with authentication off from its page, at all. */
  admits: (original: Original) => boolean;
}>;

type Dependencies = ForProxiesOptions &
  Readonly<{
    readTarget: (original: Original) => Target;
    admission: Pick<Admission, 'visitOf'>;
    routes: Pick<Routes, 'find'>;
    /** Answers a refused request as the gateway does. */
    refuse: (call: Readonly<{ request: IncomingMessage; response: ServerResponse }>, asked: Asked) => void;
    logger: Pick<Logger, 'info' | 'warn'>;
  }>;

type Asked = Readonly<{ target: WorkbenchTarget | undefined; refusal: refusals.Refusal }>;

/** The same reading of the request and the same decision as the gateway's own. */
export function createForProxies(dependencies: Dependencies): ForProxies {
  const { trustedProxies, admits, readTarget, admission, routes, refuse, logger } = dependencies;

  function originalOf(request: IncomingMessage): Original | undefined {
    const peer = request.socket.remoteAddress;
    if (!trustedProxies || !isTrusted(trustedProxies, peer)) {
      logger.info({ peer, rule: 'no-trusted-proxy' }, 'refused');
      return undefined;
    }
    const original = readOriginal(request);
    if (typeof original === 'object') return original;
    // That nothing is asked is what a proxy makes of a stranger's question.
    if (original === 'nothing-asked') logger.info({ peer, rule: original }, 'refused');
    else
      logger.warn({ peer, rule: original }, 'A proxy’s question can’t be read: compare its configuration with deploy/');
    return undefined;
  }

  async function find(original: Original) {
    const target = readTarget(original);
    // What is ours below a workbench's path is for no task.
    if (target.kind !== 'workbench' || isOwnPath(target.rest) || !admits(original)) {
      return { target: undefined, route: refusals.refusalOf({ kind: 'notFound' }) };
    }
    return { target, route: await routes.find(admission.visitOf(original, target, original.upgrade)) };
  }

  async function verdictOn(request: IncomingMessage): Promise<Readonly<{ status: number; headers?: object }>> {
    const original = originalOf(request);
    if (!original) return { status: 403 };
    const { route } = await find(original);
    if ('status' in route) return { status: route.status === 401 || route.redirect ? 401 : 403 };
    const { entered, upstream } = route;
    const { cookie, authorization } = original.headers;
    return {
      status: 200,
      headers: {
        'X-Workbench-User': entered.userId,
        'X-Workbench-Upstream': authorityOf(upstream),
        // What is left of them for the task: proxies can't tell our cookies from others.
        'X-Workbench-Cookie': (cookie === undefined ? undefined : cookieForTask(cookie)) ?? '',
        'X-Workbench-Authorization': entered.stripAuthorization ? '' : (authorization ?? ''),
      },
    };
  }

  /** Whatever goes wrong, nobody passes. */
  function shut(response: ServerResponse, error: unknown): void {
    logger.warn({ err: error }, 'A proxy’s question could not be answered');
    if (response.headersSent) response.destroy();
    else response.writeHead(403, { 'Content-Length': 0 }).end();
  }

  return {
    check(request, response) {
      request.resume();
      verdictOn(request)
        .then(({ status, headers }) => {
          response.writeHead(status, { ...headers, 'Cache-Control': 'no-store', 'Content-Length': 0 }).end();
        })
        .catch((error: unknown) => shut(response, error));
    },

    page(request, response) {
      const original = originalOf(request);
      if (!original) return refuse({ request, response }, { target: undefined, refusal: entryRefusals.notForYou });
      find(original)
        .then(({ target, route }) => {
          // Meanwhile it may have come up, or just not listen yet.
          refuse({ request, response }, { target, refusal: 'status' in route ? route : refusals.almostThere });
        })
        .catch((error: unknown) => shut(response, error));
    },
  };
}

function authorityOf({ host, port }: Upstream): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

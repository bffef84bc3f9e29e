import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Authority } from '../access/hosts/authority.ts';
import { originOf } from '../access/hosts/baseUrl.ts';
import { createClassifyHost, type HostKind, type HostRules } from '../access/hosts/hostKind.ts';
import { judgeOrigin } from '../access/hosts/judgeOrigin.ts';
import { isProxyPath } from '../access/hosts/proxyPaths.ts';
import { rememberTargets } from '../access/hosts/rememberTargets.ts';
import type { ErrorCode } from '../lib/ErrorCode.ts';
import { accessLog } from './accessLog.ts';
import { envelope } from './errorHandler.ts';
import { passThrough } from './middleware.ts';
import { requestId, requestIdOf } from './requestId.ts';
import { safeHeaders } from './safeHeaders.ts';

type Refused = Readonly<{ status: number; code: ErrorCode; message: string }>;

/** Why a request may not go on to the workbenches, and why not to the API; undefined where it may. */
export type Admission = Readonly<{ toWorkbenches: Refused | undefined; toApi: Refused | undefined }>;

/** A request, or one that a proxy asks about. */
type Asked = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & Readonly<{ rawHeaders: readonly string[] }>;

/** Stands before everything: a request's host, and where it counts its origin, say what it may reach at all. */
export type Door = Readonly<{
  judge(request: Asked, upgrade: boolean): Admission;
  /** A proxy asks about an upgrade, with its headers: that is none itself. */
  onlyAsks(request: IncomingMessage): boolean;
  turnAway(request: IncomingMessage, response: ServerResponse, refused: Refused): void;
}>;

type Rules = HostRules &
  Readonly<{
    urlPrefix: string;
    /** Origins whose pages may what the controller's own may. */
    corsOrigins: readonly string[];
  }>;

const misdirected: Refused = {
  status: 421,
  code: 'misdirected_request',
  message:
    'Nothing is served by this host name. RESTAPI_PUBLIC_URL names the one that is; localhost and IP addresses always serve',
};
const foreignPage: Refused = {
  status: 403,
  code: 'not_allowed',
  message: 'Pages of other sites may not do this; add yours to RESTAPI_CORS_ORIGINS',
};
const unreadable: Refused = { status: 400, code: 'bad_request', message: 'The host of the request can’t be read' };

const everywhere: Admission = { toWorkbenches: undefined, toApi: undefined };
const only = {
  controller: everywhere,
  workbench: { toWorkbenches: undefined, toApi: misdirected },
  workbenches: { toWorkbenches: undefined, toApi: misdirected },
  foreign: { toWorkbenches: misdirected, toApi: misdirected },
} satisfies Record<HostKind['kind'], Admission>;

export function createDoor(rules: Rules, logger: Logger): Door {
  const { authenticated, publicUrl, urlPrefix, corsOrigins, base } = rules;
  const classify = createClassifyHost(rules);
  const targetOf = rememberTargets();
  const kinds = new WeakMap<Authority, HostKind['kind']>();
  const health = new Set(['', urlPrefix].flatMap((prefix) => [`${prefix}/healthz`, `${prefix}/readyz`]));
  // A proxy may tell the controller another host than the browser's.
  const ofApi = [...corsOrigins, ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin])];
  const ofWorkbenches = [...ofApi, ...(base.mode === 'path' ? [originOf(base, '')] : [])];
  const firstSteps = [requestId, accessLog(logger), safeHeaders];

  function kindOf(authority: Authority | undefined): HostKind['kind'] {
    const kind = (authority && kinds.get(authority)) ?? classify(authority).kind;
    if (authority) kinds.set(authority, kind);
    return kind;
  }

  /** With a token asked for, the token alone counts: no page of others has it. */
  function isForeignPage(
    { method = '', headers }: Asked,
    authority: Authority | undefined,
    upgrade: boolean,
    configured: readonly string[],
  ): boolean {
    const { origin } = headers;
    const of = (name: string) => headers[`sec-fetch-${name}`]?.toString();
    const [site, mode, destination] = [of('site'), of('mode'), of('dest')];
    const from = { method, upgrade, authority, origin, site, mode, destination };
    return judgeOrigin(from, { scheme: undefined, configured, framed: false }, false) !== undefined;
  }

  return {
    judge(request, upgrade) {
      const target = targetOf(request);
      if (!target) return { toWorkbenches: unreadable, toApi: unreadable };
      const { headers, url = '' } = request;
      const kind = kindOf(target.authority);
      let admission: Admission = only[kind];
      if (admission.toApi && kind !== 'workbench' && health.has(pathOf(url))) {
        admission = { ...admission, toApi: undefined };
      }
      // What a proxy asks about is judged by the host that its client meant.
      const named = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
      if (authenticated || !named || isProxyPath(pathOf(url), urlPrefix)) return admission;
      const refusedBy = (origins: readonly string[]) =>
        isForeignPage(request, target.authority, upgrade, origins) ? foreignPage : undefined;
      const toWorkbenches = admission.toWorkbenches ?? refusedBy(ofWorkbenches);
      // At a host of workbenches it is the page that is wrong, not the host.
      return { toWorkbenches, toApi: admission.toApi ? (toWorkbenches ?? admission.toApi) : refusedBy(ofApi) };
    },

    onlyAsks: ({ url = '' }) => isProxyPath(pathOf(url), urlPrefix),

    turnAway(request, response, refused) {
      passThrough(firstSteps, request, response, () => {
        const body = JSON.stringify(envelope(refused, requestIdOf(response)));
        response.setHeader('Content-Type', 'application/json; charset=utf-8');
        response.setHeader('Content-Length', Buffer.byteLength(body));
        if (refused === unreadable) response.setHeader('Connection', 'close');
        response.writeHead(refused.status).end(body);
      });
    },
  };
}

function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)[0] ?? '';
}

import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import type { TaskHeaderRules } from '../access/headers/forTask.ts';
import type { AnswerRules } from '../access/headers/fromTask.ts';
import { type BaseUrl, basePathOf, originOf } from '../access/hosts/baseUrl.ts';
import { isTrusted } from '../access/hosts/trustedProxies.ts';
import type { Entered } from './createAdmission.ts';

export type HeaderRules = Readonly<{
  toTask(request: IncomingMessage, workbenchId: string, entered: Entered): TaskHeaderRules;
  fromTask(workbenchId: string): AnswerRules;
}>;

export type HeaderRulesConfig = Readonly<{
  base: () => BaseUrl;
  /** Whether that was set, rather than made of what this machine is called. */
  baseGiven: boolean;
  /** Whose X-Forwarded-For is believed. */
  trustedProxies: BlockList | undefined;
  frameAncestors: readonly string[];
}>;

/** What a task is told of a request, and what of its answer reaches the browser. */
export function createHeaderRules(config: HeaderRulesConfig): HeaderRules {
  const { base, baseGiven, trustedProxies, frameAncestors } = config;

  /** Where the base URL was not set, a laptop has several names, and applications hold Origin against this. */
  function hostSeen({ headers }: IncomingMessage, workbenchId: string): string {
    const given = baseGiven ? undefined : headers.host;
    return given ?? originOf(base(), workbenchId).replace(/^https?:\/\//, '');
  }

  return {
    toTask: (request, workbenchId, { userId, stripAuthorization }) => ({
      userId,
      stripAuthorization,
      peer: request.socket.remoteAddress ?? 'unknown',
      trusted:
        trustedProxies !== undefined &&
        request.headers['x-forwarded-for'] !== undefined &&
        isTrusted(trustedProxies, request.socket.remoteAddress),
      seen: {
        scheme: base().scheme,
        host: hostSeen(request, workbenchId),
        prefix: basePathOf(base(), workbenchId),
      },
    }),
    fromTask: (workbenchId) => ({ prefix: basePathOf(base(), workbenchId), frameAncestors }),
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator } from '../access/bearer/createAuthenticator.ts';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import { actingUser } from './actingUser.ts';
import type { ItemRenderer } from './ItemRenderer.ts';
import { hasBody } from './jsonBody.ts';
import { sendItem } from './sendItem.ts';

/** How to answer a request if memory alone can. Undefined or an error: it is Express's. */
export type FastPoll = (request: IncomingMessage) => ((response: ServerResponse) => void) | undefined;

export type FastPollDependencies = Readonly<{
  /** A user's workbench if memory alone can answer. */
  peek: (userId: string, id: string) => WorkbenchView | undefined;
  renderer: ItemRenderer;
  authenticator: Pick<Authenticator, 'known'>;
  urlPrefix: string;
}>;

/** A plain id and a user id that needs no decoding; the rest of what callers may send takes the long way. */
const poll = /^\/workbenches\/([0-9a-f]{8,40})(?:\?user_id=([\w.~-]{1,128}))?$/;

/**
 * The one request that comes ten thousand times a second: a poll of one workbench. It passes by Express's routing and
 * by what has nothing to do for it: health calls, the parsing of bodies.
 */
export function createFastPoll({ peek, renderer, authenticator, urlPrefix }: FastPollDependencies): FastPoll {
  return (request) => {
    const { method, url = '', headers } = request;
    if ((method !== 'GET' && method !== 'HEAD') || hasBody(request) || !url.startsWith(urlPrefix)) return undefined;
    const [, id, wanted] = poll.exec(urlPrefix ? url.slice(urlPrefix.length) : url) ?? [];
    const identity = id ? authenticator.known(headers.authorization) : undefined;
    if (!id || !identity) return undefined;
    const userId = actingUser(identity, wanted);
    const view = userId === undefined ? undefined : peek(userId, id);
    return view && ((response) => sendItem(request, response, renderer, view));
  };
}

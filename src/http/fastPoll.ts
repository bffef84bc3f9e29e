import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { WorkbenchLister } from '../workbench/cache/createWorkbenchLister.ts';
import type { Authenticate } from './authenticate.ts';
import { freshnessHeaders, matches } from './conditional.ts';
import type { ItemRenderer } from './ItemRenderer.ts';

/** Answers a request if memory alone can; false: it is Express's. */
export type FastPoll = (request: IncomingMessage, response: ServerResponse) => boolean;

type Dependencies = Readonly<{
  reader: Pick<WorkbenchLister, 'peek'>;
  renderer: ItemRenderer;
  authenticate: Authenticate;
  urlPrefix: string;
  logger: Logger;
}>;

/** A plain id and a user id that needs no decoding; the rest of what callers may send takes the long way. */
const poll = /^\/workbenches\/([0-9a-f]{8,40})(?:\?user_id=([\w.~-]{1,128}))?$/;

/**
 * The one request that comes ten thousand times a second: a poll of one workbench. The same answer as Express's
 * route gives, made of a cached token check, a look-up and bytes that are already there.
 */
export function createFastPoll({ reader, renderer, authenticate, urlPrefix, logger }: Dependencies): FastPoll {
  return (request, response) => {
    const { method, url = '', headers } = request;
    if (method !== 'GET' || headers.origin !== undefined || headers['x-request-id'] !== undefined) return false;
    if (!url.startsWith(urlPrefix) || logger.isLevelEnabled('debug')) return false;
    const [, id, wanted] = poll.exec(urlPrefix ? url.slice(urlPrefix.length) : url) ?? [];
    if (!id) return false;

    const userId = actingUser(authenticate, headers.authorization, wanted);
    const view = userId === undefined ? undefined : reader.peek(userId, id);
    if (!view) return false;

    const { etag, json } = renderer.render(view);
    const common = {
      'X-Request-Id': randomUUID(),
      'X-Content-Type-Options': 'nosniff',
      ...freshnessHeaders(etag, view.ageMs),
    };
    if (matches(headers['if-none-match'], etag)) {
      response.writeHead(304, common).end();
      return true;
    }
    const body = `{"success":true,"item":${json}}`;
    response
      .writeHead(200, {
        ...common,
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': Buffer.byteLength(body),
      })
      .end(body);
    return true;
  };
}

/** @returns undefined for whatever isn't plainly allowed: the long way says what is wrong */
function actingUser(
  authenticate: Authenticate,
  authorization: string | undefined,
  wanted: string | undefined,
): string | undefined {
  try {
    const { userId } = authenticate(authorization);
    if (userId === undefined) return wanted;
    return wanted === undefined || wanted === userId ? userId : undefined;
  } catch {
    return undefined;
  }
}

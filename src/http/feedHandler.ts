import type { Request, RequestHandler, Response } from 'express';
import type { ChangeFeed } from '../workbench/cache/createChangeFeed.ts';
import { identityOf } from './authenticate.ts';
import type { EventStreams } from './EventStreams.ts';
import type { ItemRenderer } from './ItemRenderer.ts';
import { readScope } from './readRequest.ts';
import type { StreamLimit } from './StreamLimit.ts';
import { feeding } from './schemas/feed.ts';

export type FeedDependencies = Readonly<{
  feed: Pick<ChangeFeed, 'subscribe'>;
  renderer: ItemRenderer;
  streams: EventStreams;
  limit: StreamLimit;
}>;

/**
 * One stream for all that the caller may see: `ready`, then every change. Without what there is: of ten thousand that
 * would be more than a stream may hold unread, and whoever lists after `ready` misses nothing.
 */
export function feedHandler({ feed, renderer, streams, limit }: FeedDependencies): RequestHandler {
  return async (request: Request, response: Response): Promise<void> => {
    const { userId } = readScope(request, response, feeding);
    const release = limit.take(userId ?? '');
    let stop: () => void;
    try {
      stop = await feed.subscribe(userId, ({ id, view }) => {
        if (view) streams.send(response, { data: renderer.render(view).json });
        else streams.send(response, { event: 'gone', data: JSON.stringify({ workbench_id: id }) });
      });
    } catch (error) {
      release();
      throw error;
    }
    streams.open(response, identityOf(response).expiresAt, () => {
      stop();
      release();
    });
    streams.send(response, { event: 'ready', data: '{}' });
  };
}

import type { Request, RequestHandler, Response } from 'express';
import type { StatusWatch } from '../workbench/cache/createStatusWatch.ts';
import type { WorkbenchService } from '../workbench/createWorkbenchService.ts';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import { identityOf } from './authenticate.ts';
import type { EventStreams } from './EventStreams.ts';
import type { ItemRenderer } from './ItemRenderer.ts';
import { readRequest } from './readRequest.ts';
import type { StreamLimit } from './StreamLimit.ts';
import { following } from './schemas/waiting.ts';

export type EventsDependencies = Readonly<{
  service: Pick<WorkbenchService, keyof WorkbenchService>;
  watch: Pick<StatusWatch, 'closing' | 'listen' | 'next'>;
  renderer: ItemRenderer;
  streams: EventStreams;
  limit: StreamLimit;
}>;

/**
 * Server-sent events: the item now, and again at every change of its status. A client that comes back with the id of
 * the last event hears nothing it knows. It ends when the caller's token does. With `until`, the stream ends when the workbench has come to that.
 */
export function eventsHandler({ service, watch, renderer, streams, limit }: EventsDependencies): RequestHandler {
  return async (request: Request, response: Response): Promise<void> => {
    const { userId, query, headers } = readRequest(request, response, following);
    const release = limit.take(userId);
    let current: WorkbenchView;
    try {
      current = await service.get(userId, String(request.params['workbenchId']));
    } catch (error) {
      release();
      throw error;
    }

    const tell = (view: WorkbenchView | undefined, known?: string): void => {
      const state = view ? view.status : 'gone';
      if (view) {
        const { etag, json } = renderer.render(view);
        const id = etag.replaceAll(/\W|^W/g, '');
        if (id !== known) streams.send(response, { id, data: json });
      } else {
        const data = JSON.stringify({ workbench_id: current.workbench.id });
        streams.send(response, { event: 'gone', data });
      }
      if (query.until?.includes(state)) response.end();
    };
    const stopListening = watch.listen(current, (view) => tell(view));
    streams.open(response, identityOf(response).expiresAt, () => {
      stopListening();
      release();
    });
    tell(current, headers['Last-Event-ID']);
  };
}

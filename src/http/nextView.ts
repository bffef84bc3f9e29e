import type { Request, Response } from 'express';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import { matches } from './conditional.ts';
import type { EventsDependencies } from './eventsHandler.ts';

/**
 * The long poll: the view after the next change, or undefined after the seconds given. A reader that says by
 * If-None-Match what it has waits for something else than that.
 */
export async function nextView(
  { watch, renderer, limit }: Pick<EventsDependencies, 'watch' | 'renderer' | 'limit'>,
  request: Request,
  response: Response,
  view: WorkbenchView,
  seconds: number,
): Promise<WorkbenchView | undefined> {
  const has = request.get('if-none-match');
  if (has && !matches(has, renderer.render(view).etag)) return undefined;
  const release = limit.take(view.workbench.userId);
  const left = new AbortController();
  const leave = () => left.abort();
  response.once('close', leave);
  try {
    return await watch.next(view, seconds * 1000, left.signal);
  } finally {
    response.off('close', leave);
    release();
  }
}

import type { Request, RequestHandler, Response } from 'express';
import type { Overview } from '../workbench/cache/createOverview.ts';
import type { WorkbenchService } from '../workbench/createWorkbenchService.ts';
import type { ItemRenderer } from './ItemRenderer.ts';
import { cursorOf, readCursor } from './pageCursor.ts';
import { readScope } from './readRequest.ts';
import { listing } from './schemas/workbenches.ts';
import { sendItems } from './sendItem.ts';

const DEFAULT_LIMIT = 100;

export type ListDependencies = Readonly<{
  service: Pick<WorkbenchService, 'list'>;
  overview: Pick<Overview, 'page'>;
  renderer: ItemRenderer;
}>;

/** A user's workbenches, or for operators a page of all. */
export function listHandler({ service, overview, renderer }: ListDependencies): RequestHandler {
  return async (request: Request, response: Response): Promise<void> => {
    const { query, userId, all } = readScope(request, response, listing);
    if (!all) {
      sendItems(request, response, renderer, await service.list(userId));
      return;
    }
    const filter = { userId, status: query.status, text: query.q };
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor, filter);
    const { views, last, counts } = await overview.page(filter, after, query.limit ?? DEFAULT_LIMIT);
    const items = views.map((view) => renderer.render(view).json).join();
    const next = last ? `,"next_cursor":"${cursorOf(last, filter)}"` : '';
    const sums = counts ? `,"counts":${JSON.stringify(Object.fromEntries(counts))}` : '';
    response.type('json').send(`{"success":true,"items":[${items}]${next}${sums}}`);
  };
}

import type { Request, Response } from 'express';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import { freshnessHeaders, matches } from './conditional.ts';
import { type ItemRenderer, listTag } from './ItemRenderer.ts';

/** One workbench; 304 to a reader that has it already. */
export function sendItem(request: Request, response: Response, renderer: ItemRenderer, view: WorkbenchView): void {
  const { etag, json } = renderer.render(view);
  send(request, response, etag, view.ageMs, `{"success":true,"item":${json}}`);
}

/** A list of workbenches; its age is that of the oldest status in it. */
export function sendItems(
  request: Request,
  response: Response,
  renderer: ItemRenderer,
  views: readonly WorkbenchView[],
): void {
  const items = views.map((view) => renderer.render(view));
  const ageMs = views.reduce((oldest, view) => Math.max(oldest, view.ageMs), 0);
  const body = `{"success":true,"items":[${items.map(({ json }) => json).join()}]}`;
  send(request, response, listTag(items), ageMs, body);
}

function send(request: Request, response: Response, etag: string, ageMs: number, body: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') {
    response.set(freshnessHeaders(etag, ageMs));
    if (matches(request.get('if-none-match'), etag)) {
      response.status(304).end();
      return;
    }
  }
  response.type('json').send(body);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import { freshnessHeaders, matches } from './conditional.ts';
import { type ItemRenderer, listTag } from './ItemRenderer.ts';

/** One workbench, on Express's way and on the short one; 304 to a reader that has it already. */
export function sendItem(
  request: IncomingMessage,
  response: ServerResponse,
  renderer: ItemRenderer,
  view: WorkbenchView,
): void {
  const { etag, json } = renderer.render(view);
  send(request, response, etag, view.ageMs, `{"success":true,"item":${json}}`);
}

/** A list of workbenches; its age is that of the oldest status in it. */
export function sendItems(
  request: IncomingMessage,
  response: ServerResponse,
  renderer: ItemRenderer,
  views: readonly WorkbenchView[],
): void {
  const items = views.map((view) => renderer.render(view));
  const ageMs = views.reduce((oldest, view) => Math.max(oldest, view.ageMs), 0);
  const body = `{"success":true,"items":[${items.map(({ json }) => json).join()}]}`;
  send(request, response, listTag(items), ageMs, body);
}

function send(request: IncomingMessage, response: ServerResponse, etag: string, ageMs: number, body: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') {
    for (const [name, value] of freshnessHeaders(etag, ageMs)) response.setHeader(name, value);
    if (matches(request.headers['if-none-match'], etag)) {
      response.statusCode = 304;
      response.end();
      return;
    }
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}

import { headersForTask, type TaskHeaderRules } from '../access/headers/forTask.ts';
import type { Framing } from './framing.ts';
import { hopByHopAmong } from './hopByHop.ts';

export interface RequestFacts {
  method: string;
  framing: Framing;
  /** An HTTP/1.0 client's Expect is to be ignored. */
  http11: boolean;
  /** A websocket's opening. */
  upgrade: boolean;
  /** What of it is none of the task's business, and what is added. */
  rules: TaskHeaderRules;
}

/** Node would announce chunks on any other method that has no body. */
const withoutBody: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/**
 * What goes to the task: names and values in turn, byte for byte as they came, in their order, less what is of the client's
 * connection. Host stays the client's: an IDE compares it with Origin.
 */
export function headersToTask(received: readonly string[], facts: RequestFacts): string[] {
  const raw = headersForTask(received, facts.rules);
  const hopByHop = hopByHopAmong(raw);
  const headers: string[] = [];
  let length = false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lower = name.toLowerCase();
    if (hopByHop(lower) && !(facts.upgrade && lower === 'upgrade')) continue;
    // A client of HTTP/1.0 announces what it can't do.
    if (lower === 'expect' && !facts.http11) continue;
    if (lower === 'trailer' && facts.framing.kind !== 'chunked') continue;
    length ||= lower === 'content-length';
    headers.push(name, raw[index + 1] ?? '');
  }
  if (facts.framing.kind === 'none' && !length && !withoutBody.has(facts.method)) headers.push('Content-Length', '0');
  headers.push('Connection', facts.upgrade ? 'Upgrade' : 'keep-alive');
  return headers;
}

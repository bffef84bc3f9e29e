import { createHash } from 'node:crypto';
import { InputError } from '../lib/errors.ts';
import type { Place } from '../workbench/cache/CreationOrder.ts';
import type { Filter } from '../workbench/cache/createOverview.ts';

/** Says where the last item of a page stood, and which filters the page had. */
export function cursorOf({ createdAt, id }: Place, filter: Filter): string {
  return Buffer.from(JSON.stringify([createdAt, id, markOf(filter)])).toString('base64url');
}

/** @throws InputError for what is no cursor, or that of other filters */
export function readCursor(text: string, filter: Filter): Place {
  const [createdAt, id, mark] = parse(text);
  if (typeof createdAt === 'number' && typeof id === 'string' && mark === markOf(filter)) return { createdAt, id };
  throw new InputError([{ field: 'cursor', message: 'must be the next_cursor of an answer to the same filters' }]);
}

function parse(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function markOf({ userId, status, text }: Filter): string {
  const filters = JSON.stringify([userId ?? null, status ?? null, text?.toLowerCase() ?? null]);
  return createHash('sha1').update(filters).digest('base64url').slice(0, 8);
}

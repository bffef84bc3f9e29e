import { AwsError } from '../awsError.ts';

export type Page<T> = Readonly<{ items: readonly T[]; nextToken: string | undefined }>;

export type PageRequest = Readonly<{ nextToken?: string | undefined; maxResults?: number | undefined }>;

export const pageSize = 100;

/**
 * One page of a sorted list. The token names the place where the last page ended rather than an index, so that
 * nothing is skipped or shown twice when items come and go between the pages.
 * @param positionOf what the list is sorted by, unique within it
 */
export function paginate<T>(
  items: readonly T[],
  positionOf: (item: T) => string,
  request: PageRequest,
  order: 'ASC' | 'DESC' = 'ASC',
): Page<T> {
  const last = request.nextToken === undefined ? undefined : positionIn(request.nextToken);
  const isAfter = (item: T): boolean =>
    last === undefined || (order === 'ASC' ? positionOf(item) > last : positionOf(item) < last);
  const start = firstIndex(items, isAfter);
  const end = start + (request.maxResults ?? pageSize);
  const page = items.slice(start, end);
  const final = page.at(-1);
  const more = end < items.length && final !== undefined;
  return { items: page, nextToken: more ? tokenFor(positionOf(final)) : undefined };
}

/** Numbers as text that sorts as they do. */
export function sortableNumber(value: number): string {
  return String(value).padStart(12, '0');
}

/** By halving: once an item has what is looked for, all that follow have it. */
export function firstIndex<T>(items: readonly T[], isWanted: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && isWanted(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function tokenFor(position: string): string {
  return Buffer.from(JSON.stringify({ after: position })).toString('base64url');
}

/** @throws AwsError when the token isn't one of ours */
export function positionIn(token: string): string {
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { after?: unknown };
    if (typeof after === 'string') return after;
  } catch {
    // Not a token of ours: the same refusal as below.
  }
  throw new AwsError('InvalidParameterException', 'Invalid token.');
}

import { AwsError } from '../awsError.ts';

export type Page<T> = Readonly<{ items: readonly T[]; nextToken: string | undefined }>;

export type PageRequest = Readonly<{ nextToken?: string | undefined; maxResults?: number | undefined }>;

const pageSize = 100;

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
  const start = items.findIndex(isAfter);
  if (start === -1) return { items: [], nextToken: undefined };
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

function tokenFor(position: string): string {
  return Buffer.from(JSON.stringify({ after: position })).toString('base64url');
}

function positionIn(token: string): string {
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { after?: unknown };
    if (typeof after === 'string') return after;
  } catch {
    // Not a token of ours: the same refusal as below.
  }
  throw new AwsError('InvalidParameterException', 'Invalid token.');
}

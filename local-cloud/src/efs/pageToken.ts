import { AwsError } from '../awsError.ts';

/**
 * A token that says after which position of which list the next page begins. Opaque to clients.
 * @param list what is listed, e.g. a file system's id: a token is good for that list alone
 */
export function pageTokenOf(list: string, position: number): string {
  return Buffer.from(`${list} ${position}`).toString('base64url');
}

/** @returns -1 without a token: positions start at 0. @throws AwsError BadRequest if the token is not one of this list's */
export function positionOf(list: string, token: string | undefined): number {
  if (token === undefined) return -1;
  const text = Buffer.from(token, 'base64url').toString();
  const [, position = ''] = text.split(' ');
  if (!/^\d{1,15}$/.test(position) || pageTokenOf(list, Number(position)) !== token) {
    throw new AwsError('BadRequest', 'The pagination token is not valid');
  }
  return Number(position);
}

/** The page after `position` of a list that fits in memory; `token` leads to the next one. */
export function pageOf<T>(
  list: string,
  items: readonly T[],
  token: string | undefined,
  size: number,
): { page: readonly T[]; token: string | undefined } {
  const start = positionOf(list, token) + 1;
  const end = start + size;
  return { page: items.slice(start, end), token: end < items.length ? pageTokenOf(list, end - 1) : undefined };
}

import { createHmac } from 'node:crypto';

const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token made by hand, so that it can be wrong in any way. */
export function aToken(
  payload: unknown,
  key: string,
  header: object = { alg: 'HS256', typ: 'JWT' },
  hash = 'sha256',
): string {
  const content = `${encoded(header)}.${encoded(payload)}`;
  return `${content}.${createHmac(hash, key).update(content).digest('base64url')}`;
}

/** Seconds since the epoch, some seconds from now. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

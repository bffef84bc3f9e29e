import { isLoopbackName } from './authority.ts';

/** Keys, codes and cookies travel encrypted, or not at all off this machine. */
export function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackName(hostname));
}

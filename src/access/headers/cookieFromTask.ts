import { nameAndValue } from '../cookies/readCookies.ts';

/**
 * A cookie that a task sets, as it may be set: never one of ours, never for other hosts, and in path mode never for
 * other paths.
 *
 * @returns undefined if it may not be set at all
 */
export function cookieFromTask(
  setCookie: string,
  prefix: string,
  isOurs: (name: string) => boolean,
): string | undefined {
  const [pair = '', ...attributes] = setCookie.split(';');
  if (isOurs(nameAndValue(pair)[0])) return undefined;
  const named = attributes.map((attribute) => ({ attribute, name: nameAndValue(attribute)[0].toLowerCase() }));
  if (named.some(({ name }) => name === 'domain')) return undefined;
  if (prefix === '') return setCookie;
  // Browsers take the last Path; without one, the folder of what was asked for, which is below the prefix.
  const path = named.findLast(({ name }) => name === 'path');
  const value = path && nameAndValue(path.attribute)[1];
  if (!value?.startsWith('/') || value === prefix || value.startsWith(`${prefix}/`)) return setCookie;
  const others = named.flatMap(({ attribute, name }) => (name === 'path' ? [] : attribute));
  return [pair, ...others, ` Path=${prefix}/`].join(';');
}

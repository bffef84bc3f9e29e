import { remember } from '../../lib/remember.ts';

type Pair = Readonly<{ text: string; name: string; value: string }>;

/** A browser sends the same ones with each of a page's hundreds of assets. */
const pairsOf = remember((cookie): readonly Pair[] =>
  cookie.split(';').map((text) => {
    const [name, value] = nameAndValue(text);
    return { text, name, value };
  }),
);

/**
 * Every value of a name, in the order sent: a page of a sibling may have put its own in front (longer paths come first).
 *
 * @param cookie the header, as it came
 */
export function cookieValues(cookie: string | undefined, name: string): readonly string[] {
  if (cookie === undefined || !cookie.includes(name)) return [];
  return pairsOf(cookie).flatMap((pair) => (pair.name === name ? [pair.value] : []));
}

/** The names that begin so. */
export function cookieNamesLike(cookie: string | undefined, start: string): readonly string[] {
  if (cookie === undefined || !cookie.includes(start)) return [];
  const names = pairsOf(cookie).flatMap(({ name }) => (name.startsWith(start) ? [name] : []));
  return [...new Set(names)];
}

/** The header without some cookies, byte for byte as it came otherwise; undefined if nothing is left. */
export function withoutCookies(cookie: string, unwanted: (name: string) => boolean): string | undefined {
  const pairs = pairsOf(cookie);
  const kept = pairs.filter(({ name }) => !unwanted(name));
  if (kept.length === pairs.length) return cookie;
  const rest = kept
    .map(({ text }) => text)
    .join(';')
    .replace(/^[ \t]+/, '');
  return rest === '' ? undefined : rest;
}

/** A pair without `=` is a value without a name; readers differ in which it is, and a name is what could do harm. */
export function nameAndValue(pair: string): readonly [name: string, value: string] {
  const start = pair.search(/[^ \t]/);
  const begin = pair[start] === '=' ? start + 1 : start;
  const equals = pair.indexOf('=', begin);
  if (start < 0) return ['', ''];
  return equals < 0
    ? [pair.slice(begin).trim(), '']
    : [pair.slice(begin, equals).trim(), pair.slice(equals + 1).trim()];
}

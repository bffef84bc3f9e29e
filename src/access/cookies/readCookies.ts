/**
 * Every value of a name, in the order sent: a page of a sibling may have put its own in front (longer paths come first).
 *
 * @param cookie the header, as it came
 */
export function cookieValues(cookie: string | undefined, name: string): readonly string[] {
  if (cookie === undefined || !cookie.includes(name)) return [];
  const pairs = cookie.split(';').filter((pair) => pair.includes(name));
  return pairs.map(nameAndValue).flatMap(([its, value]) => (its === name ? [value] : []));
}

/** The names that begin so. */
export function cookieNamesLike(cookie: string | undefined, start: string): readonly string[] {
  if (cookie === undefined || !cookie.includes(start)) return [];
  const names = cookie.split(';').map((pair) => nameAndValue(pair)[0]);
  return [...new Set(names.filter((name) => name.startsWith(start)))];
}

/** The header without some cookies, byte for byte as it came otherwise; undefined if nothing is left. */
export function withoutCookies(cookie: string, unwanted: (name: string) => boolean): string | undefined {
  const pairs = cookie.split(';');
  const kept = pairs.filter((pair) => !unwanted(nameAndValue(pair)[0]));
  if (kept.length === pairs.length) return cookie;
  const rest = kept.join(';').replace(/^[ \t]+/, '');
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

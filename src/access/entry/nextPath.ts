const LONGEST = 4_096;

/**
 * A path of our own host from what somebody else wrote: nothing that a browser could take for another host, and nothing
 * of ours below `/.workbench/`. Undefined if no such path is to be made of it.
 */
export function parseNextPath(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > LONGEST || !/^[/\\]/.test(text)) return undefined;
  const collapsed = oneSlash(text);
  if (!URL.canParse(collapsed, 'http://next.invalid')) return undefined;
  const { origin, pathname, search, hash } = new URL(collapsed, 'http://next.invalid');
  // Again, as taking out the dots of `/.//evil` brings the run to the front.
  const path = oneSlash(pathname);
  if (origin !== 'http://next.invalid' || /^\/\.workbench(?:$|\/)/.test(path)) return undefined;
  return `${path}${search}${hash}`;
}

/** The same, or the front page. */
export function nextPath(text: unknown): string {
  return parseNextPath(text) ?? '/';
}

/** URL parsers drop tabs and line ends wherever they are, so they count as part of the run. */
function oneSlash(text: string): string {
  return text.replace(/^[/\\\t\r\n]+/, '/');
}

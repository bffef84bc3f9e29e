/** Whether If-None-Match names the tag; weak comparison, as RFC 9110 has it for GET. */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (!ifNoneMatch) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === opaque);
}

/** The headers of an answer that may be asked for again: revalidate each time, and how old the status in it is. */
export function freshnessHeaders(etag: string, ageMs: number): readonly (readonly [name: string, value: string])[] {
  return [
    ['ETag', etag],
    ['Age', String(Math.floor(ageMs / 1000))],
    ['Cache-Control', 'private, no-cache'],
  ];
}

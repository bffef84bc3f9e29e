/** What belongs to one connection and goes no further: RFC 9110, 7.6.1. */

const always: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'upgrade',
]);

/** Nobody can have these taken away by naming them in Connection: how a message is framed, and to whom it speaks. */
const neverNominated: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-workbench-user',
]);

/** Fields that decide how a message is read; in a trailer they come too late, or mean another message. */
const neverInTrailers: ReadonlySet<string> = new Set([
  ...always,
  ...neverNominated,
  'authorization',
  'content-encoding',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'set-cookie',
  'trailer',
]);

/** Whether a header of these, named in lower case, is of this connection alone. */
export function hopByHopAmong(raw: readonly string[]): (name: string) => boolean {
  const nominated = nominatedIn(raw);
  return nominated ? (name) => always.has(name) || nominated.has(name) : (name) => always.has(name);
}

export function listed(value: string): string[] {
  return value
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
}

export function trailerPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!neverInTrailers.has(name.toLowerCase())) pairs.push([name, raw[index + 1] ?? '']);
  }
  return pairs;
}

function nominatedIn(raw: readonly string[]): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    const value = raw[index + 1] ?? '';
    if (value === 'keep-alive' || value === 'close') continue;
    names ??= new Set();
    for (const token of listed(value)) if (!neverNominated.has(token)) names.add(token);
  }
  return names;
}

import type { IncomingMessage } from 'node:http';

const ONE_HOST = 'A request needs exactly one header Host';
const ONE_AUTHORIZATION = 'A request has at most one header Authorization';

export type RequestFacts = Readonly<{
  /** Readers differ in which of two counts: what a proxy has checked need not be what we go by. To be answered 400. */
  ambiguity: string | undefined;
  hasBody: boolean;
}>;

/** Names are told apart by length first: this runs for each request. */
export function requestFacts({
  rawHeaders: raw,
  httpVersion,
}: Pick<IncomingMessage, 'rawHeaders' | 'httpVersion'>): RequestFacts {
  let hosts = 0;
  let authorizations = 0;
  let hasBody = false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations += 1;
    else if (name.length === 14 && name.toLowerCase() === 'content-length') hasBody ||= raw[index + 1] !== '0';
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') hasBody = true;
  }
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return { ambiguity: ONE_HOST, hasBody };
  return { ambiguity: authorizations > 1 ? ONE_AUTHORIZATION : undefined, hasBody };
}

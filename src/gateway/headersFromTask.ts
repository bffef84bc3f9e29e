import { type AnswerRules, headersFromTask as cleaned } from '../access/headers/fromTask.ts';
import { hopByHopAmong } from './hopByHop.ts';

export interface AnswerFacts {
  /** The task's address, as it connects. */
  upstream: { host: string; port: number };
  /** Whether what is sent to the client can have trailers. */
  trailers: boolean;
  /** What this workbench may say of its host. */
  rules: AnswerRules;
}

/**
 * What comes from the task: names and values in turn, as they came, in their order, less what is of the task's
 * connection. How the answer is framed for the client is for the server in front to decide.
 */
export function headersFromTask(raw: readonly string[], { upstream, trailers, rules }: AnswerFacts): string[] {
  const hopByHop = hopByHopAmong(raw);
  const headers: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding' || (lower === 'trailer' && !trailers) || hopByHop(lower)) continue;
    headers.push(name, lower === 'location' ? withoutUpstream(value, upstream) : value);
  }
  return cleaned(headers, rules);
}

/** A redirect to the task's own address is of no use outside: it becomes one within the host that the client used. */
function withoutUpstream(location: string, upstream: { host: string; port: number }): string {
  const host = upstream.host.includes(':') ? `[${upstream.host}]` : upstream.host;
  const own = `http://${host}:${upstream.port}`;
  if (!/^(https?:)?\/\//i.test(location) || !URL.canParse(location, own)) return location;
  const url = new URL(location, own);
  if (url.host !== new URL(own).host) return location;
  // Leading slashes would make the path itself read as a host.
  return `${url.pathname.replace(/^\/+/, '/')}${url.search}${url.hash}`;
}

import type { IncomingMessage } from 'node:http';
import { connectionTokens } from './forwardedHeaders.ts';

// Transfer-Encoding too: how this answer is framed for the client is for the server in front to decide.
const hopByHop = [
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Makes a task's answer fit to be passed on. What a workbench sends is its user's to choose, and node throws, outside of
 * any request, when it is asked to send a status or a reason phrase that is not HTTP's.
 *
 * @param keepAlive whether the connection to the client stays open
 */
export function cleanAnswer(
  answer: IncomingMessage,
  upstream: { host: string; port: number },
  keepAlive: boolean,
): void {
  if (answer.statusCode === undefined || answer.statusCode < 200) answer.statusCode = 502;
  answer.statusMessage = '';

  const { headers } = answer;
  const nominated = connectionTokens(headers.connection).filter((name) => name !== 'content-length');
  for (const name of [...hopByHop, ...nominated]) delete headers[name];
  headers.connection = keepAlive ? 'keep-alive' : 'close';
  if (headers.location !== undefined) headers.location = withoutUpstream(headers.location, upstream);
}

/** A redirect to the task's own address is of no use outside: it becomes one within the host that the client used. */
function withoutUpstream(location: string, upstream: { host: string; port: number }): string {
  const host = upstream.host.includes(':') ? `[${upstream.host}]` : upstream.host;
  const own = `http://${host}:${upstream.port}`;
  if (!URL.canParse(location, own)) return location;
  const url = new URL(location, own);
  const pointsAtTask = /^(https?:)?\/\//i.test(location) && url.host === new URL(own).host;
  // Leading slashes would make the path itself read as a host.
  return pointsAtTask ? `${url.pathname.replace(/^\/+/, '/')}${url.search}${url.hash}` : location;
}

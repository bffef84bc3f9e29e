import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export interface ForwardingRules {
  /** The workbench's own path, without a trailing slash. */
  prefix: string;
  /** A websocket's opening; else a plain request, whose connection the agent manages. */
  upgrade: boolean;
  /** Keeps the controller's own tokens from code that runs in a workbench. */
  stripAuthorization: boolean;
}

// Of this connection alone (RFC 9110, 7.6.1). Transfer-Encoding stays: it tells the client side how to frame the body.
// Expect: the server in front has already said "continue".
const hopByHop = ['keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'expect'];

// A client cannot have these removed by naming them in Connection: how the body is framed, and to whom it speaks.
const neverNominated = new Set(['host', 'content-length', 'transfer-encoding', 'upgrade', 'connection']);

/** The headers that the task gets to see. Host stays the client's: an IDE compares it with Origin. */
export function forwardedHeaders(request: IncomingMessage, rules: ForwardingRules): IncomingHttpHeaders {
  const headers = { ...request.headers };
  const nominated = connectionTokens(headers.connection).filter((name) => !neverNominated.has(name));
  for (const name of [...hopByHop, ...nominated]) delete headers[name];
  delete headers.connection;
  if (rules.upgrade) headers.connection = 'Upgrade';
  else delete headers.upgrade;
  if (rules.stripAuthorization) delete headers.authorization;

  headers['x-forwarded-for'] = appended(request.headers['x-forwarded-for'], request.socket.remoteAddress);
  // A load balancer in front knows better than this connection what the browser uses.
  headers['x-forwarded-proto'] = request.headers['x-forwarded-proto'] ?? (isEncrypted(request) ? 'https' : 'http');
  const host = request.headers['x-forwarded-host'] ?? request.headers.host;
  if (host !== undefined) headers['x-forwarded-host'] = host;
  headers['x-forwarded-prefix'] = rules.prefix;
  return headers;
}

export function connectionTokens(connection: string | undefined): string[] {
  return (connection ?? '')
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
}

function appended(list: string | string[] | undefined, address: string | undefined): string {
  return [list ?? [], address ?? 'unknown'].flat().join(', ');
}

function isEncrypted(request: IncomingMessage): boolean {
  return 'encrypted' in request.socket && request.socket.encrypted === true;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { proxyPaths } from '../access/hosts/proxyPaths.ts';
import type { ForProxies } from '../gateway/createGateway.ts';

/** How to answer a proxy that forwards in the gateway's place; undefined: it is somebody else's call. */
type ProxyCalls = (request: IncomingMessage) => ((response: ServerResponse) => void) | undefined;

/** Before Express, as each asset that a proxy serves is asked about. Not of the API: whom it believes is no token's matter. */
export function createProxyCalls(forProxies: ForProxies | undefined, urlPrefix: string): ProxyCalls {
  const refused = (_request: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(403, { 'Content-Length': 0 }).end();
  const calls = new Map([
    [`${urlPrefix}${proxyPaths.check}`, forProxies?.check ?? refused],
    [`${urlPrefix}${proxyPaths.page}`, forProxies?.page ?? refused],
  ]);
  return (request) => {
    const call = calls.get(request.url?.split('?', 1)[0] ?? '');
    return call && ((response) => call(request, response));
  };
}

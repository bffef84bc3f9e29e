import { Agent, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { connectionTokens } from './forwardedHeaders.ts';

/**
 * Passes a websocket's opening on over a connection to the task, then everything both ways until either side ends. Both
 * sockets end together.
 *
 * @param onFailure told, before anything was written to the client, that the task broke off instead of answering
 */
export function forwardUpgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  upstream: Socket,
  onFailure: (error: Error) => void,
): void {
  socket.once('close', () => upstream.destroy());

  let answered = false;
  const proxy = createProxyServer();
  proxy.on('proxyReqWs', (opening) => {
    for (const event of ['upgrade', 'response']) {
      opening.prependOnceListener(event, () => {
        answered = true;
      });
    }
  });
  proxy.on('open', () => upstream.once('close', () => socket.destroySoon()));
  proxy.on('error', (error) => {
    if (!answered && !socket.destroyed) onFailure(error);
  });
  // The address is of no effect beside the agent, but httpxy wants one.
  void proxy.ws(request, socket, { target: { host: 'upstream', protocol: 'http:' }, agent: agentOver(upstream) }, head);
}

/** What httpxy takes for a websocket; it drops the connection of anything else without a word. */
export function opensWebsocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && connectionTokens(request.headers.upgrade).join() === 'websocket';
}

/** Node's HTTP server hands out sockets, typed as what they have in common with other streams. */
export function isSocket(stream: Duplex): stream is Socket {
  return stream instanceof Socket;
}

function agentOver(socket: Socket): Agent {
  return Object.assign(new Agent(), { createConnection: () => socket });
}

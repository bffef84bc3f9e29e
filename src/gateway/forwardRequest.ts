import type { Agent, IncomingMessage, ServerResponse } from 'node:http';
import { createProxyServer } from 'httpxy';
import { cleanAnswer } from './cleanAnswer.ts';

export interface Upstream {
  host: string;
  port: number;
}

export interface ForwardAgents {
  /** Reuses connections. */
  pooled: Agent;
  /** Opens a connection for each request. */
  fresh: Agent;
}

/**
 * Streams a request to a task and its answer back; settles when the exchange is over, whoever ended it. Rejects if the
 * task could not be reached or broke off: then the response has begun only if its headers are sent.
 */
export async function forwardRequest(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  agents: ForwardAgents,
): Promise<void> {
  if (!maySendTwice(request)) return exchange(request, response, upstream, agents.fresh);
  try {
    await exchange(request, response, upstream, agents.pooled);
  } catch (error) {
    // A task may close an idle connection in the very moment in which it is used again.
    if (!isReset(error) || response.headersSent || response.destroyed) throw error;
    await exchange(request, response, upstream, agents.fresh);
  }
}

function exchange(request: IncomingMessage, response: ServerResponse, upstream: Upstream, agent: Agent): Promise<void> {
  // A proxy of its own for each exchange: its events then belong to this one. No listener for `error`: it rejects.
  const proxy = createProxyServer();
  proxy.on('proxyReq', (outgoing) => {
    // An upgrade that nobody asked for: without a listener, node drops the connection and tells nobody.
    outgoing.once('upgrade', (_answer, socket) => {
      socket.destroy();
      outgoing.emit('error', new Error('The task switched protocols unasked'));
    });
  });
  proxy.on('proxyRes', (answer) => {
    cleanAnswer(answer, upstream, response.shouldKeepAlive);
    // The headers go out even if no body follows for a while, as with server-sent events.
    queueMicrotask(() => {
      if (!response.headersSent && !response.destroyed) response.flushHeaders();
    });
  });
  return proxy.web(request, response, { target: { ...upstream, protocol: 'http:' }, agent });
}

function maySendTwice({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return !hasBody && (method === 'GET' || method === 'HEAD');
}

function isReset(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    (error.code === 'ECONNRESET' || error.code === 'EPIPE')
  );
}

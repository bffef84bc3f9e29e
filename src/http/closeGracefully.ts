import type { Server } from 'node:http';
import type { Gateway } from '../gateway/createGateway.ts';

const GRACE_MS = 10_000;
/** Streams through the gateway may be endless: short ones finish in this time, the others are cut. */
const STREAM_GRACE_MS = 1_000;
const IDLE_CHECK_MS = 50;

/** Takes no new connections, lets the requests in flight finish, and resolves within ten seconds whatever they do. */
export async function closeGracefully(
  server: Server,
  { gateway, endWaiting }: Readonly<{ gateway: Gateway | undefined; endWaiting: () => void }>,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.prependListener('request', (_request, response) => {
    response.setHeader('Connection', 'close');
  });
  endWaiting();
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const streams = setTimeout(() => gateway?.close(), STREAM_GRACE_MS);
  const rest = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(streams);
  clearTimeout(rest);
  gateway?.close();
}

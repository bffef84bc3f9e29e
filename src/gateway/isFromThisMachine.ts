import type { IncomingMessage } from 'node:http';

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Sent on this machine, and not by a proxy on behalf of somebody elsewhere. */
export function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const loopback = address === '::1' || address.startsWith('127.');
  return loopback && forwarding.every((name) => headers[name] === undefined);
}

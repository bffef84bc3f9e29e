import { type IncomingMessage, type InformationEvent, type ServerResponse, STATUS_CODES } from 'node:http';
import { hopByHopAmong } from './hopByHop.ts';

/**
 * Passes on what a task says before its answer: 100, and hints (103). Node writes only some of them itself, and not
 * as they came.
 */
export function passInterim(
  { statusCode, statusMessage, rawHeaders }: InformationEvent,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { socket } = response;
  // Those may be left out: to whom does not know them, or has others to wait for, or does not read.
  if (request.httpVersion !== '1.1' || !socket?.writable || response.headersSent || socket.writableNeedDrain) return;
  const hopByHop = hopByHopAmong(rawHeaders);
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage || (STATUS_CODES[statusCode] ?? '')}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!hopByHop(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

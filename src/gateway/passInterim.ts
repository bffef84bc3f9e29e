import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { mayStandApart } from '../access/headers/fromTask.ts';
import type { AnswerHead } from './answerHead.ts';
import { hopByHopAmong } from './hopByHop.ts';

/**
 * Passes on what a task says before its answer: 100, and hints (103). Node writes only some of them itself, and not
 * as they came.
 */
export function passInterim(head: AnswerHead, request: IncomingMessage, response: ServerResponse): void {
  const { status, phrase, headers } = head;
  const { socket } = response;
  // Those may be left out: to whom does not know them, or has others to wait for, or does not read.
  if (request.httpVersion !== '1.1' || !socket?.writable || socket.writableNeedDrain) return;
  const hopByHop = hopByHopAmong(headers);
  const lines = [`HTTP/1.1 ${status} ${phrase || (STATUS_CODES[status] ?? '')}`];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const lower = name.toLowerCase();
    if (!hopByHop(lower) && mayStandApart(lower)) lines.push(`${name}: ${headers[index + 1]}`);
  }
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

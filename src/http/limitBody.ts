import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerLast } from './lastAnswer.ts';

/** How long the rest of a body may come after its answer, which nobody reads any more. */
const AFTER_ANSWER_MS = 5_000;

export type BodyLimit =
  /** All of it within this time. */
  | Readonly<{ wholeWithinMs: number }>
  /** As long as it takes, but not this long without a byte. Not counted while the reader holds it back. */
  | Readonly<{ stallMs: number }>;

/** Nobody holds a connection by sending a body a byte a minute, or the rest of one that has been answered. */
export function limitBody(request: IncomingMessage, response: ServerResponse, limit: BodyLimit): void {
  const { socket } = request;
  const tooSlow = () => {
    if (request.complete || response.destroyed) return;
    if (response.headersSent) socket.destroy();
    else answerLast(response, 408, 'The body took too long to arrive');
  };
  let timer: NodeJS.Timeout;
  if ('wholeWithinMs' in limit) {
    timer = setTimeout(tooSlow, limit.wholeWithinMs);
  } else {
    let read = -1;
    timer = setInterval(() => {
      if (socket.bytesRead === read && !request.isPaused()) tooSlow();
      read = socket.bytesRead;
    }, limit.stallMs);
  }
  timer.unref();
  request.once('close', () => clearTimeout(timer));
  response.once('finish', () => {
    clearTimeout(timer);
    if (request.complete) return;
    request.resume();
    const rest = setTimeout(() => socket.destroy(), AFTER_ANSWER_MS).unref();
    request.once('close', () => clearTimeout(rest));
  });
}

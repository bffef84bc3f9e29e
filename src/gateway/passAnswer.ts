import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AnswerRules, mayStandApart } from '../access/headers/fromTask.ts';
import type { AnswerSink } from './AnswerParser.ts';
import { AnswerError, type AnswerHead } from './answerHead.ts';
import type { Upstream } from './destination.ts';
import { headersFromTask } from './headersFromTask.ts';
import { trailerPairs } from './hopByHop.ts';
import { passInterim } from './passInterim.ts';
import type { TaskSocket } from './TaskSocket.ts';

interface Client {
  request: IncomingMessage;
  response: ServerResponse;
  upstream: Upstream;
  rules: AnswerRules;
}

export interface Answer extends AnswerSink {
  /** Something of it has been sent. */
  begun(): boolean;
  /** The task has broken off in its midst. For the client this must be no end: it would hold what it has for the whole. */
  cut(): void;
}

/** Up to so many bytes, to copy costs less than to write two pieces. */
const SMALL = 4_096;

/** Streams a task's answer to the client, no faster than the client reads it. */
export function answerTo(
  { request, response, upstream, rules }: Client,
  socket: TaskSocket,
  onComplete: () => void,
): Answer {
  let left = Number.POSITIVE_INFINITY;
  let sent = false;
  const resume = () => void socket.resume();
  return {
    // No getter: each literal with one has a hidden class of its own, which keeps the exchange alive until a full collection.
    begun: () => response.headersSent,
    interim: (head) => passInterim(head, request, response),
    head(head) {
      writeHead(head);
      left = head.length ?? left;
      // The headers go out even if no body follows for a while, as with server-sent events.
      process.nextTick(() => {
        if (!sent && !response.destroyed) response.flushHeaders();
      });
    },
    data(chunk) {
      sent = true;
      left -= chunk.length;
      if (left === 0) {
        // With the last bytes, in one write; a text goes out as one with the head.
        response.end(chunk.length > SMALL ? chunk : chunk.toString('latin1'), 'latin1');
      } else if (!response.write(chunk)) {
        socket.pause();
        response.once('drain', resume);
      }
    },
    end(trailers) {
      sent = true;
      if (trailers.length > 0 && response.chunkedEncoding)
        response.addTrailers(trailerPairs(trailers).filter(([name]) => mayStandApart(name.toLowerCase())));
      if (!response.writableEnded) response.end();
      onComplete();
    },
    cut() {
      if (response.writableFinished || response.destroyed) return;
      if (response.chunkedEncoding || Number.isFinite(left)) response.destroy();
      else request.socket.resetAndDestroy();
    },
  };

  function writeHead({ status, phrase, headers, chunked }: AnswerHead): void {
    // What a workbench sends is its user's to choose: a 101 that nobody asked for.
    if (status < 200) throw new AnswerError('The task switched protocols unasked');
    const trailers =
      chunked && request.httpVersion === '1.1' && request.method !== 'HEAD' && status !== 204 && status !== 304;
    const passed = headersFromTask(headers, { upstream, trailers, rules });
    // Too many cookies, perhaps a sibling's: without them the next load goes well.
    if (status === 431) passed.push('Clear-Site-Data', '"cookies"');
    response.writeHead(status, phrase, passed);
  }
}

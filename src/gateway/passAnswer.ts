import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upstream } from './destination.ts';
import { framingOf } from './framing.ts';
import { headersFromTask } from './headersFromTask.ts';
import { addTrailers } from './passUpload.ts';

interface Client {
  request: IncomingMessage;
  response: ServerResponse;
  upstream: Upstream;
}

/**
 * Streams a task's answer to the client, no faster than the client reads it.
 *
 * @param onComplete all of it has come from the task
 * @returns false if it can't be passed on; nothing has been sent then
 */
export function passAnswer(answer: IncomingMessage, client: Client, onComplete: () => void): boolean {
  const { request, response, upstream } = client;
  const { statusCode = 0 } = answer;
  // What a workbench sends is its user's to choose: a 101 that nobody asked for, or three digits that mean nothing.
  if (statusCode < 200) return false;
  const framing = framingOf(answer.rawHeaders);
  const trailers = framing.kind === 'chunked' && mayHaveTrailers(request, statusCode);
  try {
    response.writeHead(
      statusCode,
      phrase(answer.statusMessage),
      headersFromTask(answer.rawHeaders, { upstream, trailers }),
    );
  } catch {
    return false;
  }

  let left = framing.kind === 'length' ? framing.length : Number.POSITIVE_INFINITY;
  let begun = false;
  let over = false;
  const resume = () => void answer.resume();
  const complete = () => {
    over = true;
    onComplete();
  };
  answer.on('data', (chunk: Buffer) => {
    begun = true;
    left -= chunk.length;
    if (left === 0) {
      // With the last bytes, in one write.
      response.end(chunk);
    } else if (!response.write(chunk)) {
      answer.pause();
      response.once('drain', resume);
    }
  });
  answer.on('end', () => {
    if (answer.rawTrailers.length > 0 && response.chunkedEncoding) addTrailers(response, answer.rawTrailers);
    if (!response.writableEnded) response.end();
    complete();
  });
  answer.on('error', () => {
    if (over || response.writableFinished || response.destroyed) return;
    // For the client this is no end: it must not hold what it has for the whole.
    if (response.chunkedEncoding || Number.isFinite(left)) response.destroy();
    else request.socket.resetAndDestroy();
  });
  // The headers go out even if no body follows for a while, as with server-sent events.
  process.nextTick(() => {
    if (!begun && !over && !response.destroyed) response.flushHeaders();
  });
  return true;
}

function mayHaveTrailers({ method, httpVersion }: IncomingMessage, status: number): boolean {
  return httpVersion === '1.1' && method !== 'HEAD' && status !== 204 && status !== 304;
}

/** Node throws at characters that HTTP does not allow there, and has words of its own for the usual statuses. */
function phrase(message: string | undefined): string {
  return message !== undefined && /^[\t\x20-\x7e\x80-\xff]*$/.test(message) ? message : '';
}

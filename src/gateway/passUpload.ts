import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { trailerPairs } from './hopByHop.ts';

/**
 * Streams a request's body to the task, no faster than the task reads it.
 *
 * @returns ends it: the answer is complete, and what else the client sends is of no interest to anybody
 */
export function passUpload(request: IncomingMessage, response: ServerResponse, outgoing: ClientRequest): () => void {
  const resume = () => void request.resume();
  const pass = (chunk: Buffer) => {
    if (!outgoing.destroyed && !outgoing.write(chunk)) request.pause();
  };
  const end = () => {
    if (outgoing.destroyed) return;
    if (request.rawTrailers.length > 0 && outgoing.chunkedEncoding) addTrailers(outgoing, request.rawTrailers);
    outgoing.end();
  };
  outgoing.on('drain', resume);
  request.on('data', pass);
  request.once('end', end);
  return () => {
    if (request.complete && outgoing.writableEnded) return;
    request.removeListener('data', pass);
    request.removeListener('end', end);
    outgoing.destroy();
    if (!response.destroyed) request.resume();
  };
}

/** Node refuses some that its parser lets pass; a trailer is not worth an exchange. */
export function addTrailers(message: ClientRequest | ServerResponse, raw: readonly string[]): void {
  try {
    message.addTrailers(trailerPairs(raw));
  } catch {
    // Then without them: RFC 9110, 6.5.1 lets whoever passes a message on discard them.
  }
}

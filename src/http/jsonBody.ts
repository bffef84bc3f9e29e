import type { IncomingMessage } from 'node:http';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

const LIMIT = 100 * 1024;

/** A body that is not announced as JSON. */
class UnsupportedBodyError extends Error {
  readonly status = 415;
}

class TooLargeError extends Error {
  readonly status = 413;
}

const parse = express.json({ limit: LIMIT, type: ['application/json', 'application/*+json'] });

/** Parses JSON bodies of up to 100 KB; no body is fine, and leaves `request.body` undefined. */
export const jsonBody: RequestHandler = (request: Request, response: Response, next: NextFunction): void => {
  if (hasBody(request) && !request.is(['application/json', 'application/*+json'])) {
    next(new UnsupportedBodyError('Send JSON, with the header "Content-Type: application/json"'));
    return;
  }
  let over = false;
  const once = (error?: unknown): void => {
    if (over) return;
    over = true;
    next(error);
  };
  // The parser says so too, but only after it has read all of it, however much that is.
  const refuse = (): void => {
    if (!over) response.set('Connection', 'close');
    once(new TooLargeError());
  };
  if (Number(request.headers['content-length'] ?? 0) > LIMIT) {
    refuse();
    return;
  }
  parse(request, response, once);
  if (request.headers['transfer-encoding'] === undefined) return;
  let read = 0;
  request.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > LIMIT) refuse();
  });
};

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

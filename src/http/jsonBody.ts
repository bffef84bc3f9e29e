import type { IncomingMessage } from 'node:http';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

const LIMIT = '100kb';

/** A body that is not announced as JSON. */
class UnsupportedBodyError extends Error {
  readonly status = 415;
}

const parse = express.json({ limit: LIMIT, type: ['application/json', 'application/*+json'] });

/** Parses JSON bodies of up to 100 KB; no body is fine, and leaves `request.body` undefined. */
export const jsonBody: RequestHandler = (request: Request, response: Response, next: NextFunction): void => {
  if (hasBody(request) && !request.is(['application/json', 'application/*+json'])) {
    next(new UnsupportedBodyError('Send JSON, with the header "Content-Type: application/json"'));
    return;
  }
  parse(request, response, next);
};

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

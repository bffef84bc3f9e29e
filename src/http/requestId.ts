import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

const sane = /^[\w.:+/=-]{1,128}$/;

/** Keeps a sane inbound X-Request-Id, or makes one; it is on the answer and in every log line about the request. */
export function requestId(request: Request, response: Response, next: NextFunction): void {
  const inbound = request.get('x-request-id');
  const id = inbound && sane.test(inbound) ? inbound : randomUUID();
  response.locals['requestId'] = id;
  response.set('X-Request-Id', id);
  next();
}

export function requestIdOf(response: Response): string {
  return String(response.locals['requestId']);
}

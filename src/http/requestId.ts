import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Middleware } from './middleware.ts';

const HEADER = 'X-Request-Id';
const sane = /^[\w.:+/=-]{1,128}$/;

/** Keeps a sane inbound X-Request-Id, or makes one; it is on the answer and in every log line about the request. */
export const requestId: Middleware = (request, response, next) => {
  const inbound = request.headers['x-request-id'];
  response.setHeader(HEADER, typeof inbound === 'string' && sane.test(inbound) ? inbound : randomUUID());
  next();
};

export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader(HEADER));
}

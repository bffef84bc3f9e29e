import type { Request, RequestHandler, Response } from 'express';
import { envelope } from './errorHandler.ts';
import { requestIdOf } from './requestId.ts';

/** The last handler of a route: OPTIONS says what there is, any other method is a 405. */
export function methodNotAllowed(...allowed: readonly string[]): RequestHandler {
  return (request: Request, response: Response): void => {
    response.set('Allow', [...allowed, 'OPTIONS'].join(', '));
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    const message = `${request.method} is not a method of this path; use ${allowed.join(' or ')}`;
    response.status(405).json(envelope({ code: 'method_not_allowed', message }, requestIdOf(response)));
  };
}

import type { NextFunction, Request, Response } from 'express';
import { NotAllowedError } from '../lib/errors.ts';

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Without tokens, any page that a developer's browser shows could act on the workbenches of this machine.
 * Browsers mark what such pages send; anything else has no such mark.
 */
export function refuseForeignPages(origins: readonly string[]) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const foreign = request.get('sec-fetch-site') === 'cross-site';
    const allowed = origins.includes('*') || origins.includes(request.get('origin') ?? '');
    if (foreign && !allowed && !reading.has(request.method)) {
      throw new NotAllowedError('Pages of other sites may not do this; add yours to RESTAPI_CORS_ORIGINS');
    }
    next();
  };
}

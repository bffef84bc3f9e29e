import type { NextFunction, Request, Response } from 'express';
import type { Authenticator } from '../access/bearer/createAuthenticator.ts';
import type { Identity } from '../access/Identity.ts';

/** Whoever cannot be told from the header `Authorization` comes no further. */
export function authenticate(authenticator: Authenticator) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    response.locals['identity'] = await authenticator.authenticate(request.headers.authorization);
    next();
  };
}

/** Behind `authenticate`. */
export function identityOf(response: Response): Identity {
  return response.locals['identity'] as Identity;
}

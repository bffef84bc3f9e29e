import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import jsonwebtoken from 'jsonwebtoken';
import type { Clock } from '../lib/clock.ts';
import { AuthenticationError, NotAllowedError } from '../lib/errors.ts';
import { isUserId } from '../workbench/model/userText.ts';
import { TokenCache } from './TokenCache.ts';

export type AuthenticationConfig = Readonly<{
  staticKey: string | undefined;
  jwtKey: string | undefined;
  /** The claim of a JWT that names the only user it acts for. */
  userClaim: string | undefined;
}>;

/** Who is calling. Without a user, the caller acts for whichever user it names. */
export type Identity = Readonly<{ userId: string | undefined }>;

const anyone: Identity = { userId: undefined };

/** Reads `Authorization`. @throws AuthenticationError, NotAllowedError */
export type Authenticate = (authorization: string | undefined) => Identity;

/** Off, letting everyone pass, when neither key is set; with both, either kind of token passes. */
export function createAuthenticate(
  { staticKey, jwtKey, userClaim }: AuthenticationConfig,
  clock: Pick<Clock, 'now'>,
): Authenticate {
  if (!staticKey && !jwtKey) return () => anyone;
  const known = new TokenCache<Identity>(clock);
  return (authorization) => {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (!token) throw new AuthenticationError('Send a token: "Authorization: Bearer <token>"');
    if (staticKey && sameSecret(token, staticKey)) return anyone;
    if (!jwtKey) throw new AuthenticationError('The token is not valid', { code: 'invalid_token' });
    const before = known.get(token);
    if (before) return before;
    const payload = verified(token, jwtKey);
    const identity = identityOf(payload, userClaim);
    known.set(token, identity, (payload.exp ?? 0) * 1000);
    return identity;
  };
}

export function authenticate(check: Authenticate) {
  return (request: Request, response: Response, next: NextFunction): void => {
    response.locals['identity'] = check(request.headers.authorization);
    next();
  };
}

/** @throws NotAllowedError when the token acts for somebody else */
export function assertActsFor({ userId }: Identity, wanted: string | undefined): void {
  if (userId !== undefined && wanted !== undefined && userId !== wanted) {
    throw new NotAllowedError('This token acts for another user; leave user_id out, or use that user’s token');
  }
}

/** Hashed first, so that neither content nor length shows in the time it takes. */
function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function verified(token: string, key: string): jsonwebtoken.JwtPayload {
  let payload: string | jsonwebtoken.JwtPayload;
  try {
    payload = jsonwebtoken.verify(token, key, { algorithms: ['HS256'] });
  } catch (cause) {
    const expired = cause instanceof jsonwebtoken.TokenExpiredError;
    throw new AuthenticationError(expired ? 'The token has expired; get a new one' : 'The token is not valid', {
      code: 'invalid_token',
      cause,
    });
  }
  if (typeof payload === 'string' || typeof payload.exp !== 'number') {
    throw new AuthenticationError('The token needs an "exp" claim in the future', { code: 'invalid_token' });
  }
  return payload;
}

function identityOf(payload: jsonwebtoken.JwtPayload, userClaim: string | undefined): Identity {
  if (!userClaim) return anyone;
  const user: unknown = payload[userClaim];
  if (typeof user !== 'string' || !isUserId(user)) {
    throw new AuthenticationError(`The token needs the claim "${userClaim}" with the user it acts for`, {
      code: 'invalid_token',
    });
  }
  return { userId: user };
}

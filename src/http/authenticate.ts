import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import jsonwebtoken from 'jsonwebtoken';
import type { Clock } from '../lib/clock.ts';
import { AuthenticationError } from '../lib/errors.ts';
import { isUserId } from '../workbench/model/userText.ts';
import { anyone, type Identity } from './identity.ts';
import { TokenCache } from '../access/TokenCache.ts';

export type AuthenticationConfig = Readonly<{
  staticKey: string | undefined;
  jwtKey: string | undefined;
  /** The claim of a JWT that names the only user it acts for. */
  userClaim: string | undefined;
}>;

export type Authenticator = Readonly<{
  /** Whom memory knows by this header; undefined says nothing: ask `authenticate`. */
  peek(authorization: string | undefined): Identity | undefined;
  /** Reads `Authorization`. @throws AuthenticationError */
  authenticate(authorization: string | undefined): Identity | Promise<Identity>;
}>;

/** Off, letting everyone pass, when neither key is set; with both, either kind of token passes. */
export function createAuthenticator(
  { staticKey, jwtKey, userClaim }: AuthenticationConfig,
  clock: Pick<Clock, 'now'>,
): Authenticator {
  if (!staticKey && !jwtKey) return { peek: () => anyone, authenticate: () => anyone };
  const known = new TokenCache<Identity>(clock);
  const recognize = (token: string) => (staticKey && sameSecret(token, staticKey) ? anyone : known.get(token));
  return {
    peek: (authorization) => {
      const token = bearerToken(authorization);
      return token ? recognize(token) : undefined;
    },
    authenticate: (authorization) => {
      const token = bearerToken(authorization);
      if (!token) throw new AuthenticationError('Send a token: "Authorization: Bearer <token>"');
      const recognized = recognize(token);
      if (recognized) return recognized;
      if (!jwtKey) throw new AuthenticationError('The token is not valid', { code: 'invalid_token' });
      const payload = verified(token, jwtKey, clock.now());
      const identity = identityOf(payload, userClaim);
      known.set(token, identity, (payload.exp ?? 0) * 1000);
      return identity;
    },
  };
}

export function authenticate(authenticator: Authenticator) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    response.locals['identity'] = await authenticator.authenticate(request.headers.authorization);
    next();
  };
}

function bearerToken(authorization = ''): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
}

/** Hashed first, so that neither content nor length shows in the time it takes. */
function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function verified(token: string, key: string, now: number): jsonwebtoken.JwtPayload {
  let payload: string | jsonwebtoken.JwtPayload;
  try {
    payload = jsonwebtoken.verify(token, key, { algorithms: ['HS256'], clockTimestamp: Math.floor(now / 1000) });
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

import jsonwebtoken from 'jsonwebtoken';
import { AuthenticationError } from '../../lib/errors.ts';
import { isUserId } from '../../workbench/model/userText.ts';
import type { Identity } from '../Identity.ts';

/**
 * Reads a token that was signed with the shared key.
 *
 * @param userClaim the claim that names the only user it acts for; undefined: it acts for all
 * @param now milliseconds since the epoch
 * @throws AuthenticationError
 */
export function verifyHs256(token: string, key: string, userClaim: string | undefined, now: number): Identity {
  const payload = verified(token, key, now);
  const expiresAt = payload.exp * 1000;
  if (!userClaim) return { kind: 'jwt', operator: true, expiresAt };
  const user: unknown = payload[userClaim];
  if (typeof user !== 'string' || !isUserId(user))
    throw invalid(`The token needs the claim "${userClaim}" with the user it acts for`);
  return { kind: 'jwt', operator: false, userId: user, expiresAt };
}

function verified(token: string, key: string, now: number): jsonwebtoken.JwtPayload & { exp: number } {
  let read: jsonwebtoken.Jwt;
  try {
    const clockTimestamp = Math.floor(now / 1000);
    read = jsonwebtoken.verify(token, key, { algorithms: ['HS256'], clockTimestamp, complete: true });
  } catch (cause) {
    const expired = cause instanceof jsonwebtoken.TokenExpiredError;
    throw invalid(expired ? 'The token has expired; get a new one' : 'The token is not valid', cause);
  }
  const { header, payload } = read;
  // Whoever made it insists on something that we don't know (RFC 7515, 4.1.11), which the library passes over.
  if (header.crit !== undefined) throw invalid('The token is not valid');
  // JSON can say 1e999, which is no date.
  if (typeof payload === 'string' || !Number.isFinite(payload.exp)) {
    throw invalid('The token needs an "exp" claim in the future');
  }
  return { ...payload, exp: Number(payload.exp) };
}

function invalid(message: string, cause?: unknown): AuthenticationError {
  return new AuthenticationError(message, { code: 'invalid_token', cause });
}

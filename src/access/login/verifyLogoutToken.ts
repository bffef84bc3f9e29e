import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../../lib/clock.ts';
import { type Fault, InputError } from '../../lib/errors.ts';
import { SKEW_S } from '../bearer/accessToken.ts';
import { ALGORITHMS } from '../bearer/verifyAccessToken.ts';
import type { Used } from '../signed/createUsed.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Providers send them at once; what is older was kept by somebody. */
const FRESH_S = 120;

type Dependencies = Readonly<{
  key: JWTVerifyGetKey;
  issuer: string;
  clientId: string;
  used: Used;
  clock: Pick<Clock, 'now'>;
}>;

/** Who has logged out at the provider: its `sub`. @throws InputError, UnavailableError */
export type VerifyLogoutToken = (token: string) => Promise<string>;

/** OpenID Connect Back-Channel Logout 1.0, 2.6. */
export function createVerifyLogoutToken({ key, issuer, clientId, used, clock }: Dependencies): VerifyLogoutToken {
  return async (token) => {
    const { payload, protectedHeader } = await jwtVerify(token, key, {
      algorithms: ALGORITHMS,
      issuer,
      audience: clientId,
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: FRESH_S,
      clockTolerance: SKEW_S,
      currentDate: new Date(clock.now()),
    }).catch((error: unknown) => {
      throw error instanceof errors.JOSEError ? refused(`is not valid: ${error.message}`, error) : error;
    });
    const { sub, iat = 0, jti } = payload;
    const type = protectedHeader.typ?.toLowerCase() ?? '';
    if (!['', 'jwt', 'logout+jwt', 'application/logout+jwt'].includes(type) || !isLogout(payload)) {
      throw refused('is no logout token');
    }
    if (typeof sub !== 'string' || sub === '') throw refused('names no "sub"');
    if (used(`${issuer} ${jti}`, (iat + FRESH_S + 2 * SKEW_S) * 1000)) throw refused('was used before');
    return sub;
  };
}

function isLogout({ events, nonce }: JWTPayload): boolean {
  return nonce === undefined && typeof events === 'object' && events !== null && EVENT in events;
}

function refused(message: string, cause?: unknown): InputError {
  const fault: Fault = { field: 'logout_token', message };
  return new InputError([fault], { code: 'invalid_logout_token', cause });
}

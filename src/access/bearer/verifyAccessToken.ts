import { decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../../lib/clock.ts';
import type { AuthenticationError } from '../../lib/errors.ts';
import type { Identity } from '../Identity.ts';
import { type AccessTokenRules, identityFrom, invalid, SKEW_S } from './accessToken.ts';

/** No HMAC: whoever holds the provider's public key could make such tokens. */
export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];

/** Reads an access token of the provider. @throws AuthenticationError, UnavailableError */
export type VerifyAccessToken = (token: string) => Promise<Identity>;

export function createVerifyAccessToken(
  key: JWTVerifyGetKey,
  rules: AccessTokenRules,
  clock: Pick<Clock, 'now'>,
): VerifyAccessToken {
  return async (token) => {
    const now = clock.now();
    try {
      // Before the keys: tokens of others, such as an application's own, cost the provider no look.
      if (decodeJwt(token).iss !== rules.issuer) throw invalid(otherIssuer(rules));
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        algorithms: ALGORITHMS,
        issuer: rules.issuer,
        audience: rules.audience,
        clockTolerance: SKEW_S,
        currentDate: new Date(now),
      });
      return identityFrom(payload, { ...protectedHeader }, rules, now);
    } catch (error) {
      throw error instanceof errors.JOSEError ? whyInvalid(error, rules) : error;
    }
  };
}

function whyInvalid(error: errors.JOSEError, rules: AccessTokenRules): AuthenticationError {
  if (error instanceof errors.JWTExpired) return invalid('The token has expired; get a new one', error);
  const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : undefined;
  if (claim === 'aud') {
    const fix = 'in Keycloak, add an audience mapper to the client that asks for it';
    return invalid(`The token is for somebody else: its "aud" must contain "${rules.audience}" (${fix})`, error);
  }
  if (claim === 'iss') return invalid(otherIssuer(rules), error);
  if (claim === 'exp') return invalid('The token needs an "exp" claim in the future', error);
  return invalid('The token is not valid', error);
}

const otherIssuer = ({ issuer }: AccessTokenRules): string =>
  `The token is of another issuer: its "iss" must be ${issuer}`;

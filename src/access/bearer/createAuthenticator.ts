import type { Clock } from '../../lib/clock.ts';
import { AuthenticationError } from '../../lib/errors.ts';
import { anyone, type Identity } from '../Identity.ts';
import { TokenCache } from '../TokenCache.ts';
import { sameSecret } from './sameSecret.ts';
import type { VerifyAccessToken } from './verifyAccessToken.ts';
import { verifyHs256 } from './verifyHs256.ts';

/** Reads `Authorization`. */
export type Authenticator = Readonly<{
  /** Who it is, if memory alone can tell; undefined: ask `authenticate`, which also says what is wrong. */
  known(authorization: string | undefined): Identity | undefined;
  /** @throws AuthenticationError, UnavailableError */
  authenticate(authorization: string | undefined): Promise<Identity>;
}>;

export type AuthenticatorConfig = Readonly<{
  staticKey: string | undefined;
  jwtKey: string | undefined;
  /** The claim of a JWT that names the only user it acts for. */
  userClaim: string | undefined;
}>;

const staticKeyHolder: Identity = { kind: 'staticKey', operator: true };

/**
 * Off, letting everyone pass, when nothing is set that could be checked; else any one of the kinds passes.
 *
 * @param verifyAccessToken set where there is an OIDC provider
 */
export function createAuthenticator(
  { staticKey, jwtKey, userClaim }: AuthenticatorConfig,
  verifyAccessToken: VerifyAccessToken | undefined,
  clock: Pick<Clock, 'now'>,
): Authenticator {
  if (!staticKey && !jwtKey && !verifyAccessToken) {
    return { known: () => anyone, authenticate: () => Promise.resolve(anyone) };
  }
  const isStaticKey = staticKey ? sameSecret(staticKey) : () => false;
  const seen = new TokenCache<Identity>(clock);
  const rememberedAs = (token: string) => (isStaticKey(token) ? staticKeyHolder : seen.get(token));

  /** With both kinds, the token says which of them it is; neither check believes it. */
  function verify(token: string): Identity | Promise<Identity> {
    if (jwtKey && (!verifyAccessToken || isHmac(token))) {
      return verifyHs256(token, jwtKey, userClaim, clock.now());
    }
    if (verifyAccessToken) return verifyAccessToken(token);
    throw new AuthenticationError('The token is not valid', { code: 'invalid_token' });
  }

  return {
    known(authorization) {
      const token = tokenOf(authorization);
      return token === undefined ? undefined : rememberedAs(token);
    },
    async authenticate(authorization) {
      const token = tokenOf(authorization);
      if (!token) throw new AuthenticationError('Send a token: "Authorization: Bearer <token>"');
      const before = rememberedAs(token);
      if (before) return before;
      const identity = await verify(token);
      seen.set(token, identity, identity.expiresAt ?? 0);
      return identity;
    },
  };
}

function tokenOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

function isHmac(token: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    return typeof header === 'object' && header !== null && 'alg' in header && /^HS/.test(String(header.alg));
  } catch {
    return false;
  }
}

import { AuthenticationError } from '../../lib/errors.ts';
import { isUserId } from '../../workbench/model/userText.ts';
import type { Identity } from '../Identity.ts';

export type AccessTokenRules = Readonly<{
  issuer: string;
  audience: string;
  /** Our client at the provider, if browsers log in: its roles count as well. */
  clientId: string | undefined;
  userClaim: string;
  operatorRole: string | undefined;
}>;

export type Claims = Readonly<Record<string, unknown>>;

/** How far the provider's clock may be from ours, in seconds. */
export const SKEW_S = 30;

/**
 * Who stands in the claims of a token whose signature, issuer, audience and dates have been checked.
 *
 * @throws AuthenticationError if it is no access token, or names no user
 */
export function identityFrom(payload: Claims, header: Claims, rules: AccessTokenRules, now: number): Identity {
  assertAccessToken(payload, header);
  const { iat, exp, sub } = payload;
  if (iat !== undefined && !(typeof iat === 'number' && iat * 1000 <= now + SKEW_S * 1000)) {
    throw invalid('The token is from the future ("iat"); set the clocks right');
  }
  if (!Number.isFinite(exp)) throw invalid('The token needs an "exp" claim in the future');
  return {
    kind: 'oidc',
    userId: userFrom(payload, rules.userClaim),
    operator: rules.operatorRole !== undefined && rolesFrom(payload, rules).has(rules.operatorRole),
    expiresAt: Number(exp) * 1000,
    ...(typeof sub === 'string' ? { subject: sub } : {}),
  };
}

/** @throws AuthenticationError that names the fix where there is a usual one */
export function userFrom(payload: Claims, userClaim: string): string {
  const user = payload[userClaim];
  if (userClaim === 'sub' && user === undefined) {
    throw invalid(
      'The token has no "sub". In Keycloak, give the client the scope "basic", which maps it since version 25',
    );
  }
  if (typeof user !== 'string' || !isUserId(user)) {
    const needed = `The token needs the claim "${userClaim}" with the user it acts for`;
    throw invalid(`${needed}: 1 to 128 printable ASCII characters`);
  }
  if (userClaim === 'email' && payload['email_verified'] !== true) {
    throw invalid(
      'The e-mail address of this user is not verified ("email_verified"); verify it at the identity provider',
    );
  }
  return user;
}

/** Realm roles, roles of our own clients, and the plain claim of other providers. Roles of other clients are not ours. */
function rolesFrom(payload: Claims, { audience, clientId }: AccessTokenRules): ReadonlySet<string> {
  const clients = record(payload['resource_access']);
  const own = [audience, clientId ?? audience].map((client) => record(clients[client])['roles']);
  const lists = [record(payload['realm_access'])['roles'], payload['roles'], ...own];
  return new Set(lists.flatMap((list) => (Array.isArray(list) ? list.filter((role) => typeof role === 'string') : [])));
}

/** Keycloak says what a token is in the payload; others say it in the header (RFC 9068), or not at all. */
function assertAccessToken(payload: Claims, header: Claims): void {
  const { typ } = payload;
  if (typ === 'Bearer' && payload['events'] === undefined) return;
  const type = typeof header['typ'] === 'string' ? header['typ'].toLowerCase().replace(/^application\//, '') : '';
  const ofOthers = ['nonce', 'at_hash', 'events'].some((claim) => payload[claim] !== undefined);
  if (typ === undefined && (type === 'at+jwt' || (type === 'jwt' && !ofOthers))) return;
  throw invalid('This is no access token; send the access token, not the ID, refresh or logout token');
}

function record(value: unknown): Claims {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function invalid(message: string, cause?: unknown): AuthenticationError {
  return new AuthenticationError(message, { code: 'invalid_token', cause });
}

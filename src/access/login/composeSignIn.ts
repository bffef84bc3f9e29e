import type { Clock } from '../../lib/clock.ts';
import type { Client } from '../accessVariables.ts';
import type { AccessTokenRules } from '../bearer/accessToken.ts';
import type { VerifyAccessToken } from '../bearer/verifyAccessToken.ts';
import type { Entries } from '../entry/createEntries.ts';
import type { BaseUrl } from '../hosts/baseUrl.ts';
import type { Provider } from '../provider/createProvider.ts';
import { loginClaims, userClaims } from '../signed/claims.ts';
import { createSigned } from '../signed/createSigned.ts';
import { createUsed } from '../signed/createUsed.ts';
import { createLogin } from './createLogin.ts';
import type { Logouts } from './createLogouts.ts';
import { createSignIn, type SignIn } from './createSignIn.ts';
import { createVerifyLogoutToken } from './verifyLogoutToken.ts';

export type ClientConfig = Readonly<{ oidc: AccessTokenRules | undefined; client: Client | undefined }>;

type Dependencies = Readonly<{
  provider: Provider;
  verifyAccessToken: VerifyAccessToken;
  entries: Entries;
  secrets: readonly string[];
  logouts: Logouts;
  writeSignOut: (userId: string, at: number) => Promise<void>;
  base: () => BaseUrl;
  baseGiven: boolean;
  publicUrl: () => string;
  clock: Clock;
}>;

/** Undefined where we are no client of the provider: then no browser logs in. */
export function composeSignIn({ oidc, client }: ClientConfig, dependencies: Dependencies): SignIn | undefined {
  if (!oidc || !client) return undefined;
  const { provider, secrets, clock } = dependencies;
  const { userClaim, issuer } = oidc;
  const login = createLogin({
    ...dependencies,
    client,
    userClaim,
    attempts: createSigned({ kind: 'login', secrets, claims: loginClaims, clock }),
  });
  const verifyLogoutToken = createVerifyLogoutToken({
    key: provider.key,
    issuer,
    clientId: client.clientId,
    used: createUsed(clock),
    clock,
  });
  const users = createSigned({ kind: 'user', secrets, claims: userClaims, clock });
  return createSignIn({ ...dependencies, login, users, verifyLogoutToken, userClaim });
}

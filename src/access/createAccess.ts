import type { Clock } from '../lib/clock.ts';
import type { AccessTokenRules } from './bearer/accessToken.ts';
import { type AuthenticatorConfig, createAuthenticator } from './bearer/createAuthenticator.ts';
import { createVerifyAccessToken } from './bearer/verifyAccessToken.ts';
import { createEntrance, type Entrance } from './entry/createEntrance.ts';
import { createOpenings } from './entry/createOpenings.ts';
import type { BaseUrl } from './hosts/baseUrl.ts';
import { createProvider } from './provider/createProvider.ts';
import { localSessionKey } from './signed/sessionKeys.ts';

type Config = Readonly<{
  authenticated: boolean;
  authentication: AuthenticatorConfig;
  oidc: (AccessTokenRules & Readonly<{ issuer: string }>) | undefined;
  base: BaseUrl | undefined;
  /** Unset, in the local cloud: made once, in its folder. */
  sessionKeys: readonly string[] | undefined;
  cloud: 'aws' | 'local';
  localDirectory: string;
  frameAncestors: readonly string[];
  corsOrigins: readonly string[];
  gateway: boolean;
  trustedProxies: object | undefined;
}>;

/** Who is calling, who enters a workbench, and the links that let a browser in. */
export async function createAccess(
  config: Config,
  base: () => BaseUrl,
  ownerOf: Parameters<typeof createEntrance>[0]['ownerOf'],
  clock: Clock,
) {
  const { authenticated, oidc } = config;
  const verifyAccessToken =
    oidc && createVerifyAccessToken(createProvider({ issuer: oidc.issuer, clock }).key, oidc, clock);
  const authenticator = createAuthenticator(config.authentication, verifyAccessToken, clock);
  const sessionKeys = authenticated ? await sessionKeysOf(config) : undefined;
  // Where the gateway is off, somebody else forwards, and browsers still enter here.
  const letsIn = config.gateway || sessionKeys !== undefined || config.trustedProxies !== undefined;
  // That keys are missing never turns authentication off: without any, nothing is built that could let somebody in.
  const entrance: Entrance | undefined = letsIn
    ? createEntrance({
        base,
        baseGiven: config.base !== undefined,
        authentication: authenticated ? { authenticator, sessionKeys: sessionKeys ?? [] } : undefined,
        frameAncestors: config.frameAncestors,
        origins: config.corsOrigins,
        ownerOf,
        clock,
      })
    : undefined;
  const served = config.gateway || config.trustedProxies !== undefined;
  const openings = createOpenings({ base, authenticated, entries: served ? entrance?.entries : undefined, clock });
  return { authenticator, entrance, openings };
}

/** Undefined: nothing here lets a browser in. */
async function sessionKeysOf({ sessionKeys, cloud, localDirectory }: Config): Promise<readonly string[] | undefined> {
  return sessionKeys ?? (cloud === 'local' ? [await localSessionKey(localDirectory)] : undefined);
}

import type { Clock } from '../lib/clock.ts';
import { type AuthenticatorConfig, createAuthenticator } from './bearer/createAuthenticator.ts';
import { createVerifyAccessToken } from './bearer/verifyAccessToken.ts';
import { createEntrance, type Entrance } from './entry/createEntrance.ts';
import { createOpenings } from './entry/createOpenings.ts';
import type { BaseUrl } from './hosts/baseUrl.ts';
import { type ClientConfig, composeSignIn } from './login/composeSignIn.ts';
import { createLogouts } from './login/createLogouts.ts';
import { createProvider } from './provider/createProvider.ts';
import { localSessionKey } from './signed/sessionKeys.ts';

type Config = ClientConfig &
  Readonly<{
    authenticated: boolean;
    authentication: AuthenticatorConfig;
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

type Dependencies = Readonly<{
  base: () => BaseUrl;
  /** The API's root as browsers see it, without a trailing slash. */
  publicUrl: () => string;
  ownerOf: Parameters<typeof createEntrance>[0]['ownerOf'];
  /** Writes a sign-out down for all controllers. */
  signOut: (userId: string, at: number) => Promise<void>;
  clock: Clock;
}>;

/** Who is calling, who enters a workbench, and the links and logins that let a browser in. */
export async function createAccess(config: Config, { base, publicUrl, ownerOf, signOut, clock }: Dependencies) {
  const { authenticated, oidc } = config;
  const provider = oidc && createProvider({ issuer: oidc.issuer, clock });
  const verifyAccessToken = oidc && provider && createVerifyAccessToken(provider.key, oidc, clock);
  const authenticator = createAuthenticator(config.authentication, verifyAccessToken, clock);
  const sessionKeys = authenticated ? await sessionKeysOf(config) : undefined;
  const logouts = createLogouts(clock);
  const baseGiven = config.base !== undefined;
  // Where the gateway is off, somebody else forwards, and browsers still enter here.
  const letsIn = config.gateway || sessionKeys !== undefined || config.trustedProxies !== undefined;
  // That keys are missing never turns authentication off: without any, nothing is built that could let somebody in.
  const entrance: Entrance | undefined = letsIn
    ? createEntrance({
        base,
        baseGiven,
        authentication: authenticated ? { authenticator, sessionKeys: sessionKeys ?? [] } : undefined,
        frameAncestors: config.frameAncestors,
        origins: config.corsOrigins,
        isOver: logouts.isOver,
        ownerOf,
        clock,
      })
    : undefined;
  const entries = entrance?.entries;
  const served = config.gateway || config.trustedProxies !== undefined;
  const openings = createOpenings({ base, authenticated, entries: served ? entries : undefined, clock });
  const signIn =
    provider && verifyAccessToken && entries && sessionKeys
      ? composeSignIn(config, {
          provider,
          verifyAccessToken,
          entries,
          secrets: sessionKeys,
          logouts,
          writeSignOut: signOut,
          base,
          baseGiven,
          publicUrl,
          clock,
        })
      : undefined;
  return { authenticator, entrance, openings, signIn };
}

/** Undefined: nothing here lets a browser in. */
async function sessionKeysOf({ sessionKeys, cloud, localDirectory }: Config): Promise<readonly string[] | undefined> {
  return sessionKeys ?? (cloud === 'local' ? [await localSessionKey(localDirectory)] : undefined);
}

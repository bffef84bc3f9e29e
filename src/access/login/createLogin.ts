import * as oidc from 'openid-client';
import type { Clock } from '../../lib/clock.ts';
import { AuthenticationError, UnavailableError, UpstreamError } from '../../lib/errors.ts';
import type { Client } from '../accessVariables.ts';
import { userFrom } from '../bearer/accessToken.ts';
import type { VerifyAccessToken } from '../bearer/verifyAccessToken.ts';
import { controllerCookies } from '../cookies/cookieNames.ts';
import { cookieNamesLike, cookieValues } from '../cookies/readCookies.ts';
import { controllerScope, setCookie } from '../cookies/setCookie.ts';
import type { Entrant } from '../entry/createEntries.ts';
import type { Provider } from '../provider/createProvider.ts';
import { LOGIN_S, type LoginClaims } from '../signed/claims.ts';
import type { Signed } from '../signed/createSigned.ts';
import { createConfiguration } from './createConfiguration.ts';

type LoggedIn = Readonly<{ entrant: Entrant; operator: boolean; next: string; cookies: readonly string[] }>;

export type Login = Readonly<{
  /** @param next where to go afterwards: a path below the controller's root, already checked; or nothing */
  begin(next: string, cookie?: string | undefined): Promise<Readonly<{ location: string; cookies: readonly string[] }>>;
  /**
   * @param search of the URL that the provider sent the browser back to
   * @throws AuthenticationError, UnavailableError, UpstreamError
   */
  finish(search: string, cookie: string | undefined): Promise<LoggedIn>;
  /** Where the browser logs out of the provider too; undefined if that has no such place. */
  logoutUrl(): Promise<string | undefined>;
}>;

type Dependencies = Readonly<{
  provider: Pick<Provider, 'metadata'>;
  client: Client;
  userClaim: string;
  verifyAccessToken: VerifyAccessToken;
  attempts: Signed<LoginClaims>;
  /** Without a trailing slash. */
  publicUrl: () => string;
  clock: Pick<Clock, 'now'>;
}>;

/** Enough of `state` to tell the attempts of several tabs apart. */
const ID_LENGTH = 16;
const MOST_ATTEMPTS = 12;

/** Logging in at the provider: code, PKCE, state, nonce and `iss`. What an attempt has to fit is in a cookie of its own. */
export function createLogin(dependencies: Dependencies): Login {
  const { provider, client, userClaim, verifyAccessToken, attempts, publicUrl, clock } = dependencies;
  const configured = async () => createConfiguration(await provider.metadata(), client);
  const redirectUri = () => `${publicUrl()}/auth/callback`;
  const scope = () => controllerScope(publicUrl());
  const cookieName = (state: string) => controllerCookies.login(scope().secure, state.slice(0, ID_LENGTH));

  /** Thirty tabs that a browser opens again would be thirty logins, and more cookies than fit into a request. */
  function tooMany(cookie: string | undefined): readonly string[] {
    const names = cookieNamesLike(cookie, controllerCookies.login(scope().secure, ''));
    const ends = names.map((name) => ({ name, exp: attempts.verify(cookieValues(cookie, name)[0] ?? '')?.exp ?? 0 }));
    const oldest = ends.sort((one, other) => other.exp - one.exp).slice(MOST_ATTEMPTS - 1);
    return oldest.map(({ name }) => setCookie(name, '', scope(), 0));
  }

  /** Roles come with the access token; without one that is for us, the user is no operator. */
  async function isOperator(accessToken: string): Promise<boolean> {
    try {
      return (await verifyAccessToken(accessToken)).operator;
    } catch (error) {
      if (error instanceof AuthenticationError) return false;
      throw error;
    }
  }

  return {
    async begin(next, cookie) {
      const configuration = await configured();
      const state = oidc.randomState();
      const nonce = oidc.randomNonce();
      const verifier = oidc.randomPKCECodeVerifier();
      const location = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri(),
        scope: userClaim === 'sub' ? 'openid' : 'openid profile email',
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      const exp = Math.floor(clock.now() / 1000) + LOGIN_S;
      const attempt = attempts.sign({ state, nonce, verifier, next, exp });
      const begun = setCookie(cookieName(state), attempt, scope(), LOGIN_S);
      return { location: location.href, cookies: [...tooMany(cookie), begun] };
    },

    async finish(search, cookie) {
      const state = new URLSearchParams(search).get('state') ?? '';
      const attempt = cookieValues(cookie, cookieName(state))
        .map((value) => attempts.verify(value))
        .find((claims) => claims?.state === state);
      if (!attempt) {
        throw new AuthenticationError('This login took too long, or was begun in another browser; begin again', {
          code: 'login_expired',
        });
      }
      // Never from the request's own Host.
      const url = new URL(redirectUri());
      url.search = search;
      const tokens = await oidc
        .authorizationCodeGrant(await configured(), url, {
          expectedState: attempt.state,
          expectedNonce: attempt.nonce,
          pkceCodeVerifier: attempt.verifier,
          idTokenExpected: true,
        })
        .catch((error: unknown) => {
          throw whyNotLoggedIn(error);
        });
      const claims = tokens.claims();
      const user = userFrom(claims ?? {}, userClaim);
      return {
        entrant: { user, sub: claims?.sub, auth_time: clock.now() / 1000 },
        operator: await isOperator(tokens.access_token),
        next: attempt.next,
        cookies: [setCookie(cookieName(state), '', scope(), 0)],
      };
    },

    async logoutUrl() {
      const configuration = await configured();
      if (!configuration.serverMetadata().end_session_endpoint) return undefined;
      return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: `${publicUrl()}/auth/logged-out` })
        .href;
    },
  };
}

/** Of a provider that answers late, or with another status than the protocol has; what the network says has no code. */
const outages: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM']);

function whyNotLoggedIn(cause: unknown): Error {
  if (cause instanceof oidc.WWWAuthenticateChallengeError || isOurFault(cause)) {
    const message =
      'The identity provider refuses this controller; its operator has to check the client’s id and secret';
    return new UpstreamError(message, { code: 'provider_refused', cause });
  }
  const refused =
    cause instanceof oidc.AuthorizationResponseError ||
    cause instanceof oidc.ResponseBodyError ||
    (cause instanceof oidc.ClientError && cause.code !== undefined && !outages.has(cause.code));
  if (refused) {
    const context = { code: 'login_refused', cause } as const;
    return new AuthenticationError('The identity provider did not confirm this login; begin again', context);
  }
  const context = { code: 'provider_unavailable', cause } as const;
  return new UnavailableError('The identity provider does not answer; try again', context);
}

function isOurFault(cause: unknown): boolean {
  return cause instanceof oidc.ResponseBodyError && ['invalid_client', 'unauthorized_client'].includes(cause.error);
}

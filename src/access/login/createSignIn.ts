import type { Clock } from '../../lib/clock.ts';
import { InputError } from '../../lib/errors.ts';
import { controllerCookies } from '../cookies/cookieNames.ts';
import { cookieValues } from '../cookies/readCookies.ts';
import { controllerScope, setCookie } from '../cookies/setCookie.ts';
import type { Entries } from '../entry/createEntries.ts';
import type { Visit } from '../entry/visitOf.ts';
import { type BaseUrl, endpointOf, originOf } from '../hosts/baseUrl.ts';
import { SESSION_S, type UserClaims } from '../signed/claims.ts';
import type { Signed } from '../signed/createSigned.ts';
import type { Login } from './createLogin.ts';
import type { Logouts } from './createLogouts.ts';
import { enterPath, parseEnterPath } from './enterPath.ts';
import type { VerifyLogoutToken } from './verifyLogoutToken.ts';

/** Where a browser goes on, and what it takes along. */
export type Redirect = Readonly<{ location: string; cookies: readonly string[] }>;

/** Everything throws UnavailableError while the provider does not answer. */
export type SignIn = Readonly<{
  /** A browser at a workbench, without a session. */
  setOut(visit: Pick<Visit, 'workbenchId' | 'path' | 'cookie' | 'from'>): Redirect;
  /** To the provider. @param next a path below the controller's root; empty: nowhere */
  begin(next: string, cookie: string | undefined): Promise<Redirect>;
  /** Back from the provider. No location: the login was begun for nothing else. @throws AuthenticationError, UpstreamError */
  finish(
    search: string,
    cookie: string | undefined,
  ): Promise<Readonly<{ user: string; location: string | undefined; cookies: readonly string[] }>>;
  /**
   * Ends what this browser's user has signed in to, at every controller.
   * @throws UnavailableError: not yet everywhere
   */
  signOut(cookie: string | undefined): Promise<Readonly<{ user: string | undefined; cookies: readonly string[] }>>;
  /** Where the browser logs out of the provider too; undefined if that has no such place. */
  providersLogout(): Promise<string | undefined>;
  /** A logout told by the provider. @returns whose @throws InputError, UnavailableError */
  told(logoutToken: string): Promise<string>;
}>;

type Dependencies = Readonly<{
  login: Login;
  entries: Entries;
  /** Who has logged in with this browser: it lets nobody in, and says who is to be logged out. */
  users: Signed<UserClaims>;
  logouts: Logouts;
  /** On the records, for all controllers. */
  writeSignOut: (userId: string, at: number) => Promise<void>;
  verifyLogoutToken: VerifyLogoutToken;
  userClaim: string;
  base: () => BaseUrl;
  baseGiven: boolean;
  /** Without a trailing slash. */
  publicUrl: () => string;
  clock: Pick<Clock, 'now'>;
}>;

/** The browser's way in by the provider, and out again. */
export function createSignIn(dependencies: Dependencies): SignIn {
  const { login, entries, users, logouts, writeSignOut, verifyLogoutToken, userClaim } = dependencies;
  const { base, baseGiven, publicUrl, clock } = dependencies;
  const scope = () => controllerScope(publicUrl());
  const userCookie = () => controllerCookies.user(scope().secure);

  async function endSessions(user: string): Promise<void> {
    const at = clock.now();
    logouts.note(user, at);
    await writeSignOut(user, at);
  }

  return {
    setOut({ workbenchId, path, cookie, from }) {
      // A laptop has several names: cookies have to be at the one that the browser comes back to.
      if (!baseGiven && from.authority?.name !== new URL(originOf(base(), workbenchId)).hostname) {
        return { location: `${endpointOf(base(), workbenchId)}${path}`, cookies: [] };
      }
      const { hash, cookies } = entries.setOut(workbenchId, cookie);
      return { location: `${publicUrl()}${enterPath({ workbenchId, hash, next: path })}`, cookies };
    },

    begin: login.begin,

    async finish(search, cookie) {
      const { entrant, next, cookies } = await login.finish(search, cookie);
      const { user } = entrant;
      const exp = entrant.auth_time + SESSION_S;
      const known = setCookie(userCookie(), users.sign({ ...entrant, exp }), scope(), SESSION_S);
      const all = [...cookies, known];
      const way = parseEnterPath(next);
      if (!way) return { user, location: next === '' ? undefined : `${publicUrl()}${next}`, cookies: all };
      const { ticket } = entries.ticket(way.workbenchId, entrant, way.hash);
      return { user, location: entries.enterUrl(way.workbenchId, ticket, way.next), cookies: all };
    },

    async signOut(cookie) {
      const user = cookieValues(cookie, userCookie()).flatMap((value) => users.verify(value)?.user ?? [])[0];
      if (user !== undefined) await endSessions(user);
      return { user, cookies: [setCookie(userCookie(), '', scope(), 0)] };
    },

    providersLogout: login.logoutUrl,

    async told(logoutToken) {
      if (userClaim !== 'sub') {
        const message = `names the user by "sub", and RESTAPI_AUTH_OIDC_USER_CLAIM is ${userClaim}: nobody knows whose it is`;
        throw new InputError([{ field: 'logout_token', message }], { code: 'logout_unavailable' });
      }
      const user = await verifyLogoutToken(logoutToken);
      await endSessions(user);
      return user;
    },
  };
}

import type { Clock } from '../../lib/clock.ts';
import { AuthenticationError } from '../../lib/errors.ts';
import type { Authenticator } from '../bearer/createAuthenticator.ts';
import { cookieValues } from '../cookies/readCookies.ts';
import { judgeOrigin, type OriginFault, type OriginRules } from '../hosts/judgeOrigin.ts';
import { anyone, type Identity } from '../Identity.ts';
import type { SessionClaims } from '../signed/claims.ts';
import type { Signed } from '../signed/createSigned.ts';
import { TokenCache } from '../TokenCache.ts';
import type { Visit } from './visitOf.ts';

/** What the record says of who may enter. */
export type Owner = Readonly<{
  userId: string;
  /** Seconds since the epoch: whoever logged in until then has logged out since. */
  notBefore?: number | undefined;
}>;

/** `rule` is for the audit: why, in a word. Whoever is refused learns no more than the kind. */
export type Decision =
  | Readonly<{ kind: 'entered'; rule: 'session' | 'bearer' | 'authentication-off' } & Entered>
  /** A person without a session: lead them to the login. */
  | Readonly<{ kind: 'signIn' | 'unauthenticated'; rule: 'no-session' | 'session-over'; userId?: string }>
  | Readonly<{ kind: 'forbidden'; rule: OriginFault; userId?: string }>
  /** The same answer for both. */
  | Readonly<{ kind: 'notFound'; rule: 'no-such-workbench' | 'not-the-owner'; userId?: string }>;

type Entered = Readonly<{
  /** Whom the workbench belongs to, and who is in it. */
  userId: string;
  identity: Identity;
  /** Authorization was for us, so it is none of the task's business. */
  stripAuthorization: boolean;
}>;

export type Decide = (visit: Visit) => Promise<Decision>;

type Dependencies = Readonly<{
  /** Undefined: authentication is off. */
  authentication:
    | Readonly<{
        authenticator: Authenticator;
        sessions: Signed<SessionClaims>;
        sessionCookie: (workbenchId: string) => string;
        /** Ended by a logout that this replica knows of. */
        isOver: (session: SessionClaims) => boolean;
      }>
    | undefined;
  origins: OriginRules;
  /** From memory where it can. Rejects when the cloud does not say. */
  ownerOf: (workbenchId: string) => Promise<Owner | undefined> | Owner | undefined;
  clock: Pick<Clock, 'now'>;
}>;

type Caller = Readonly<{ identity: Identity; rule: 'session' | 'bearer'; session?: SessionClaims }>;

/**
 * The one place where it is decided who enters a workbench: who (cookie, or token), then from where (origin), then
 * whether (the record). In this order, so that strangers and their made-up ids never reach AWS.
 */
export function createDecide({ authentication, origins, ownerOf, clock }: Dependencies): Decide {
  if (!authentication) {
    return async ({ workbenchId, from }) => {
      const fault = judgeOrigin(from, origins, false);
      if (fault) return { kind: 'forbidden', rule: fault };
      const owner = await ownerOf(workbenchId);
      if (!owner) return { kind: 'notFound', rule: 'no-such-workbench' };
      const { userId } = owner;
      return { kind: 'entered', rule: 'authentication-off', userId, identity: anyone, stripAuthorization: false };
    };
  }
  const { authenticator, sessions, sessionCookie, isOver } = authentication;
  // An HMAC for every asset would cost a tenth of the gateway's speed.
  const verified = new TokenCache<SessionClaims>(clock);

  function verify(value: string): SessionClaims | undefined {
    const before = verified.get(value);
    if (before) return before;
    const claims = sessions.verify(value);
    if (claims) verified.set(value, claims, claims.exp * 1000);
    return claims;
  }

  function sessionOf({ cookie, workbenchId }: Visit): SessionClaims | undefined {
    for (const value of cookieValues(cookie, sessionCookie(workbenchId))) {
      const claims = verify(value);
      if (claims?.wid === workbenchId) return claims;
    }
    return undefined;
  }

  /** Undefined: a token of the workbench's own application, or none. */
  async function bearerOf(authorization: string | undefined): Promise<Identity | undefined> {
    if (authorization === undefined) return undefined;
    try {
      return authenticator.known(authorization) ?? (await authenticator.authenticate(authorization));
    } catch (error) {
      if (error instanceof AuthenticationError) return undefined;
      throw error;
    }
  }

  async function callerOf(visit: Visit): Promise<Caller | undefined> {
    const bearer = await bearerOf(visit.authorization);
    if (bearer) return { identity: bearer, rule: 'bearer' };
    const session = sessionOf(visit);
    return session && { identity: identityOf(session), rule: 'session', session };
  }

  return async (visit) => {
    const none = visit.wantsPage ? 'signIn' : 'unauthenticated';
    const caller = await callerOf(visit);
    if (!caller) return { kind: none, rule: 'no-session' };
    const { identity, rule, session } = caller;
    const who = identity.userId === undefined ? {} : { userId: identity.userId };
    if (session && isOver(session)) return { kind: none, rule: 'session-over', ...who };
    // A token is sent by who holds it; a cookie by whichever page the browser shows.
    const fault = session && judgeOrigin(visit.from, origins, true);
    if (fault) return { kind: 'forbidden', rule: fault, ...who };

    const owner = await ownerOf(visit.workbenchId);
    if (!owner) return { kind: 'notFound', rule: 'no-such-workbench', ...who };
    if ((identity.userId ?? owner.userId) !== owner.userId) return { kind: 'notFound', rule: 'not-the-owner', ...who };
    if (session && session.auth_time <= (owner.notBefore ?? 0)) return { kind: none, rule: 'session-over', ...who };
    return { kind: 'entered', rule, userId: owner.userId, identity, stripAuthorization: rule === 'bearer' };
  };
}

function identityOf({ user, sub, exp }: SessionClaims): Identity {
  const subject = sub === undefined ? {} : { subject: sub };
  return { kind: 'session', userId: user, operator: false, expiresAt: exp * 1000, ...subject };
}

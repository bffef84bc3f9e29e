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
  /** Milliseconds since the epoch: whoever signed in until then has signed out since. */
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

/** At once where memory has all it takes: it is asked for each asset. Rejects when the cloud or the provider does not say. */
export type Decide = (visit: Visit) => Decision | Promise<Decision>;

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
type Verified = Caller & Readonly<{ session: SessionClaims }>;

/**
 * The one place where it is decided who enters a workbench: who (cookie, or token), then from where (origin), then
 * whether (the record). In this order, so that strangers and their made-up ids never reach AWS.
 */
export function createDecide({ authentication, origins, ownerOf, clock }: Dependencies): Decide {
  if (!authentication) {
    return ({ workbenchId, from }) => {
      const fault = judgeOrigin(from, origins, false);
      if (fault) return { kind: 'forbidden', rule: fault };
      return whenKnown(ownerOf(workbenchId), (owner) => {
        if (!owner) return { kind: 'notFound', rule: 'no-such-workbench' };
        const { userId } = owner;
        return { kind: 'entered', rule: 'authentication-off', userId, identity: anyone, stripAuthorization: false };
      });
    };
  }
  const { authenticator, sessions, sessionCookie, isOver } = authentication;
  // An HMAC for every asset would cost a tenth of the gateway's speed.
  const verified = new TokenCache<Verified>(clock);

  function verify(value: string): Verified | undefined {
    const before = verified.get(value);
    if (before) return before;
    const session = sessions.verify(value);
    if (!session) return undefined;
    const caller = { identity: identityOf(session), rule: 'session' as const, session };
    verified.set(value, caller, session.exp * 1000);
    return caller;
  }

  function sessionOf({ cookie, workbenchId }: Visit): Verified | undefined {
    for (const value of cookieValues(cookie, sessionCookie(workbenchId))) {
      const caller = verify(value);
      if (caller?.session.wid === workbenchId) return caller;
    }
    return undefined;
  }

  /** Undefined: a token of the workbench's own application, or none. */
  function bearerOf(authorization: string | undefined): Identity | undefined | Promise<Identity | undefined> {
    if (authorization === undefined) return undefined;
    return (
      authenticator.known(authorization) ??
      authenticator.authenticate(authorization).catch((error: unknown) => {
        if (error instanceof AuthenticationError) return undefined;
        throw error;
      })
    );
  }

  function callerOf(visit: Visit, bearer: Identity | undefined): Caller | undefined {
    return bearer ? { identity: bearer, rule: 'bearer' } : sessionOf(visit);
  }

  function judge(visit: Visit, caller: Caller | undefined): Decision | Promise<Decision> {
    const none = visit.wantsPage ? 'signIn' : 'unauthenticated';
    if (!caller) return { kind: none, rule: 'no-session' };
    const { identity, rule, session } = caller;
    const who = identity.userId === undefined ? {} : { userId: identity.userId };
    if (session && isOver(session)) return { kind: none, rule: 'session-over', ...who };
    // A token is sent by who holds it; a cookie by whichever page the browser shows.
    const fault = session && judgeOrigin(visit.from, origins, true);
    if (fault) return { kind: 'forbidden', rule: fault, ...who };

    return whenKnown(ownerOf(visit.workbenchId), (owner) => {
      if (!owner) return { kind: 'notFound', rule: 'no-such-workbench', ...who };
      const { userId } = owner;
      if ((identity.userId ?? userId) !== userId) return { kind: 'notFound', rule: 'not-the-owner', ...who };
      if (session && Math.round(session.auth_time * 1000) <= (owner.notBefore ?? 0))
        return { kind: none, rule: 'session-over', ...who };
      return { kind: 'entered', rule, userId, identity, stripAuthorization: rule === 'bearer' };
    });
  }

  return (visit) => whenKnown(bearerOf(visit.authorization), (bearer) => judge(visit, callerOf(visit, bearer)));
}

function whenKnown<T>(value: T | Promise<T>, decide: (value: T) => Decision | Promise<Decision>) {
  return value instanceof Promise ? value.then(decide) : decide(value);
}

function identityOf({ user, sub, exp }: SessionClaims): Identity {
  const subject = sub === undefined ? {} : { subject: sub };
  return { kind: 'session', userId: user, operator: false, expiresAt: exp * 1000, ...subject };
}

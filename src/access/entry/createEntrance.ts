import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { Authenticator } from '../bearer/createAuthenticator.ts';
import { cookieNames } from '../cookies/cookieNames.ts';
import { type BaseUrl, originOf } from '../hosts/baseUrl.ts';
import type { OriginRules } from '../hosts/judgeOrigin.ts';
import { type SessionClaims, sessionClaims, ticketClaims } from '../signed/claims.ts';
import { createSigned } from '../signed/createSigned.ts';
import { createUsed } from '../signed/createUsed.ts';
import { createDecide, type Decide, type Owner } from './createDecide.ts';
import { createEntries, type Entries } from './createEntries.ts';

export type Entrance = Readonly<{
  decide: Decide;
  /** Undefined with authentication off: nobody has to show anything. */
  entries: Entries | undefined;
  origins: OriginRules;
}>;

type Dependencies = Readonly<{
  base: () => BaseUrl;
  /** Whether that was set: then it is known what browsers use. */
  baseGiven: boolean;
  /** Undefined: authentication is off. */
  authentication: Readonly<{ authenticator: Authenticator; sessionKeys: readonly string[] }> | undefined;
  frameAncestors: readonly string[];
  /** Frontends that may what a workbench's own pages may. */
  origins: readonly string[];
  /** Ended by a logout that this replica knows of. */
  isOver: (session: SessionClaims) => boolean;
  ownerOf: (workbenchId: string) => Promise<Owner | undefined> | Owner | undefined;
  clock: Pick<Clock, 'now'>;
}>;

/** All that lets people into workbenches: what is signed, and the one decision. */
export function createEntrance(dependencies: Dependencies): Entrance {
  const { base, baseGiven, authentication, frameAncestors, ownerOf, clock } = dependencies;
  const framed = frameAncestors.length > 0;
  const shared = baseGiven && base().mode === 'path' ? [originOf(base(), '')] : [];
  const origins: OriginRules = {
    scheme: baseGiven ? base().scheme : undefined,
    // In path mode, one that a proxy in front has not passed on as Host.
    configured: [...dependencies.origins.filter((origin) => origin !== '*'), ...shared],
    framed,
  };
  if (!authentication) {
    return {
      decide: createDecide({ authentication: undefined, origins, ownerOf, clock }),
      entries: undefined,
      origins,
    };
  }
  const { authenticator, sessionKeys: secrets } = authentication;
  const sessions = createSigned({ kind: 'session', secrets, claims: sessionClaims, clock });
  const tickets = createSigned({ kind: 'ticket', secrets, claims: ticketClaims, clock });
  const random = () => randomBytes(32).toString('base64url');
  const sessionCookie = (workbenchId: string) => cookieNames(base()).session(workbenchId);
  return {
    decide: createDecide({
      authentication: { authenticator, sessions, sessionCookie, isOver: dependencies.isOver },
      origins,
      ownerOf,
      clock,
    }),
    entries: createEntries({ base, framed, tickets, sessions, used: createUsed(clock), clock, random }),
    origins,
  };
}

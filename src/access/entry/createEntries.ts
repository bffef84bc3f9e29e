import { createHash } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { type CookieNames, cookieNames } from '../cookies/cookieNames.ts';
import { cookieValues } from '../cookies/readCookies.ts';
import { setCookie, workbenchScope } from '../cookies/setCookie.ts';
import { type BaseUrl, basePathOf, endpointOf } from '../hosts/baseUrl.ts';
import { SESSION_S, type SessionClaims, TICKET_S, type TicketClaims } from '../signed/claims.ts';
import type { Signed } from '../signed/createSigned.ts';
import type { Used } from '../signed/createUsed.ts';
import { sameText } from '../signed/sameText.ts';
import { nextPath } from './nextPath.ts';

/** Who is to be let in. */
export type Entrant = Readonly<{ user: string; sub?: string | undefined; auth_time: number }>;

type Admission =
  | Readonly<{ kind: 'admitted'; user: string; cookies: readonly string[]; location: string; rule: string }>
  /** Somebody else is signed in here, and nothing shows that this browser asked to change that. */
  | Readonly<{ kind: 'ask'; user: string; current: string; rule: string }>
  | Readonly<{ kind: 'refused'; rule: 'ticket-invalid' | 'ticket-elsewhere' | 'ticket-other-browser' | 'ticket-used' }>;

export type Entries = Readonly<{
  /** A browser at a workbench, without a session: what it takes with it to the controller's host. */
  setOut(workbenchId: string, cookie: string | undefined): Readonly<{ hash: string; cookies: readonly string[] }>;
  /** @param hash of the nonce of the browser that set out; undefined: for whichever browser opens it */
  ticket(workbenchId: string, entrant: Entrant, hash: string | undefined): Readonly<{ ticket: string; exp: number }>;
  /** The URL that hands a browser over. */
  enterUrl(workbenchId: string, ticket: string, next: string): string;
  /** @param confirmed the person has said that they want to be that user here */
  admit(
    ask: Readonly<{
      workbenchId: string;
      ticket: string;
      next: unknown;
      cookie: string | undefined;
      confirmed: boolean;
    }>,
  ): Admission;
}>;

type Dependencies = Readonly<{
  base: () => BaseUrl;
  framed: boolean;
  tickets: Signed<TicketClaims>;
  sessions: Signed<SessionClaims>;
  used: Used;
  clock: Pick<Clock, 'now'>;
  /** 32 random bytes, base64url. */
  random: () => string;
}>;

/** Random as base64url writes 32 bytes; anything else was not set by us. */
const noncePattern = /^[\w-]{43}$/;

/** The way from the controller's host into a workbench: set out, come back with a ticket, get a cookie. */
export function createEntries({ base, framed, tickets, sessions, used, clock, random }: Dependencies): Entries {
  const nowInSeconds = () => Math.floor(clock.now() / 1000);
  const names = (): CookieNames => cookieNames(base());
  const scope = (workbenchId: string) => workbenchScope(base(), workbenchId, framed);

  return {
    setOut(workbenchId, cookie) {
      const name = names().nonce(workbenchId);
      // Several tabs set out with the same nonce, and each comes back.
      const nonce = cookieValues(cookie, name).find((value) => noncePattern.test(value)) ?? random();
      return { hash: hashOf(nonce), cookies: [setCookie(name, nonce, scope(workbenchId), 3600)] };
    },

    ticket(workbenchId, entrant, hash) {
      const exp = nowInSeconds() + TICKET_S;
      const bound = hash === undefined ? {} : { h: hash };
      return { ticket: tickets.sign({ id: random(), wid: workbenchId, ...entrant, ...bound, exp }), exp };
    },

    enterUrl(workbenchId, ticket, next) {
      const query = new URLSearchParams({ t: ticket, next });
      return `${endpointOf(base(), workbenchId)}/.workbench/enter?${query}`;
    },

    admit({ workbenchId, ticket, next, cookie, confirmed }) {
      const claims = tickets.verify(ticket);
      if (!claims) return { kind: 'refused', rule: 'ticket-invalid' };
      if (claims.wid !== workbenchId) return { kind: 'refused', rule: 'ticket-elsewhere' };
      const { h: hash, user, sub, auth_time } = claims;
      const { session, nonce } = names();
      const nonces = cookieValues(cookie, nonce(workbenchId));
      if (hash !== undefined && !nonces.some((value) => sameText(hashOf(value), hash))) {
        return { kind: 'refused', rule: 'ticket-other-browser' };
      }
      const current = cookieValues(cookie, session(workbenchId))
        .map((value) => sessions.verify(value))
        .find((claims) => claims?.wid === workbenchId);
      if (hash === undefined && current && current.user !== user && !confirmed) {
        return { kind: 'ask', user, current: current.user, rule: 'ticket-other-user' };
      }
      const location = `${basePathOf(base(), workbenchId)}${nextPath(next)}`;
      if (used(ticket, claims.exp * 1000)) {
        // A reload, or a step back in the history, of who is in already.
        if (current?.user === user) return { kind: 'admitted', user, cookies: [], location, rule: 'session' };
        return { kind: 'refused', rule: 'ticket-used' };
      }
      const now = nowInSeconds();
      const exp = auth_time + SESSION_S;
      const value = sessions.sign({ wid: workbenchId, user, ...(sub ? { sub } : {}), auth_time, iat: now, exp });
      const cookies = [setCookie(session(workbenchId), value, scope(workbenchId), exp - now)];
      const rule = hash === undefined ? 'ticket' : 'ticket-of-this-browser';
      return { kind: 'admitted', user, cookies, location, rule };
    },
  };
}

export function hashOf(nonce: string): string {
  return createHash('sha256').update(nonce).digest('base64url');
}

import type { Clock } from '../../lib/clock.ts';
import { ConflictError } from '../../lib/errors.ts';
import { type BaseUrl, endpointOf } from '../hosts/baseUrl.ts';
import type { Entries } from './createEntries.ts';

/** A URL that leads a browser into a workbench. */
type Opening = Readonly<{
  url: string;
  /** With authentication off it serves for ever. */
  expiresAt?: Date;
}>;

/** @throws ConflictError where nobody serves what the URL leads to */
export type Openings = (workbenchId: string, userId: string, next: string) => Opening;

type Dependencies = Readonly<{
  base: () => BaseUrl;
  authenticated: boolean;
  /** Undefined where no browser can enter. */
  entries: Entries | undefined;
  clock: Pick<Clock, 'now'>;
}>;

/** For frontends that hold a key or a token: they vouch for whom they act for. */
export function createOpenings({ base, authenticated, entries, clock }: Dependencies): Openings {
  return (workbenchId, userId, next) => {
    if (!authenticated) return { url: `${endpointOf(base(), workbenchId)}${next}` };
    if (!entries) {
      const message =
        'Browsers can’t enter here: the gateway is off, and WB_TRUSTED_PROXIES names no proxy in its place';
      throw new ConflictError(message, { code: 'open_unavailable' });
    }
    const entrant = { user: userId, auth_time: clock.now() / 1000 };
    const { ticket, exp } = entries.ticket(workbenchId, entrant, undefined);
    return { url: entries.enterUrl(workbenchId, ticket, next), expiresAt: new Date(exp * 1000) };
  };
}

import { assertActsFor } from '../access/assertActsFor.ts';
import type { Identity } from '../access/Identity.ts';

/** @returns undefined where neither names a user. @throws NotAllowedError when the caller acts for somebody else alone */
export function actingUser(identity: Identity, wanted: string | undefined): string | undefined {
  assertActsFor(identity, wanted);
  return wanted ?? identity.userId;
}

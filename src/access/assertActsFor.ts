import { NotAllowedError } from '../lib/errors.ts';
import type { Identity } from './Identity.ts';

/** @throws NotAllowedError when the caller acts for somebody else alone */
export function assertActsFor({ userId, operator }: Identity, wanted: string | undefined): void {
  if (!operator && wanted !== undefined && userId !== wanted) {
    throw new NotAllowedError('This token acts for another user; leave user_id out, or use that user’s token');
  }
}

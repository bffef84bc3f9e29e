import { NotAllowedError } from '../lib/errors.ts';

/** Who is calling. Without a user, the caller acts for whichever user it names. */
export type Identity = Readonly<{ userId: string | undefined }>;

export const anyone: Identity = { userId: undefined };

/** @returns undefined where neither names a user. @throws NotAllowedError when the token acts for somebody else */
export function actingUser({ userId }: Identity, wanted: string | undefined): string | undefined {
  if (userId !== undefined && wanted !== undefined && userId !== wanted) {
    throw new NotAllowedError('This token acts for another user; leave user_id out, or use that user’s token');
  }
  return wanted ?? userId;
}

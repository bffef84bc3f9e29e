import { z } from 'zod';
import { isUserId } from '../../workbench/model/userText.ts';

/** Whom a call is for; whether it may be left out, the token says. */
const userId = z
  .string('must be given once')
  .refine(isUserId, 'must be 1 to 128 printable ASCII characters')
  .optional();

export const ofUser = z.object({ user_id: userId });

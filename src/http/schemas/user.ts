import { z } from 'zod';
import { isUserId } from '../../workbench/model/userText.ts';

/** Whom a call is for; whether it may be left out, the token says. */
const userId = z
  .string('must be given once')
  .refine(isUserId, 'must be 1 to 128 printable ASCII characters')
  .meta({
    description: 'The user that the call is for. A token that names its user may leave it out; any other must not.',
    minLength: 1,
    maxLength: 128,
    examples: ['ann'],
  })
  .optional();

/** Whether an operator asks for everybody's. */
export const ofEverybody = z
  .enum(['true', 'false'], 'must be true or false')
  .meta({ description: '`true`, for operators: those of all users, or of the one that `user_id` names' })
  .optional();

export const ofUser = z.object({ user_id: userId });

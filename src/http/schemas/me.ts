import { z } from 'zod';
import type { Call } from './Call.ts';

const item = z
  .strictObject({
    user_id: z.string().optional().meta({ description: 'The user that the token names' }),
    operator: z.boolean().meta({ description: 'May act for any user' }),
    expires_at: z.iso.datetime().optional(),
  })
  .meta({ description: 'Who the caller is' });

/** Who the caller is. */
export type Me = z.infer<typeof item>;

const answer = z.strictObject({ success: z.literal(true), item });
const example: Me = { user_id: 'ann', operator: false, expires_at: '2026-11-25T09:30:00.000Z' };

export const meCalls: readonly Call[] = [
  {
    name: 'getMe',
    method: 'get',
    path: '/me',
    summary: 'Who the caller is',
    answers: {
      200: { description: 'As the token has it', body: { schema: answer, example: { success: true, item: example } } },
    },
    failures: [],
  },
];

import { z } from 'zod';

const item = z.strictObject({
  user_id: z.string().optional(),
  operator: z.boolean(),
  expires_at: z.iso.datetime().optional(),
});

/** Who the caller is. */
export type Me = z.infer<typeof item>;

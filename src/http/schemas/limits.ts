import { z } from 'zod';
import { ofUser } from './user.ts';

export const asking = { query: ofUser };

const counted = z.strictObject({ max: z.int().optional(), used: z.int() });
const most = z.strictObject({ max: z.int().optional() });

const item = z.strictObject({ workbenches: counted, running: counted, cpu: most, memory: most });

/** What a user may have, and has. */
export type LimitsItem = z.infer<typeof item>;

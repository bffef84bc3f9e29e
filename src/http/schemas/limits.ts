import { z } from 'zod';
import { type Call, failuresOfUsers } from './Call.ts';
import { ofUser } from './user.ts';

export const asking = { query: ofUser };

const counted = z.strictObject({ max: z.int().optional(), used: z.int() });
const most = z.strictObject({ max: z.int().optional() });

const item = z
  .strictObject({ workbenches: counted, running: counted, cpu: most, memory: most })
  .meta({ description: 'Without `max` there is no limit. CPU and memory are a workbench’s most' });

/** What a user may have, and has. */
export type LimitsItem = z.infer<typeof item>;

const answer = z.strictObject({ success: z.literal(true), item });
const example: LimitsItem = {
  workbenches: { max: 5, used: 2 },
  running: { max: 2, used: 1 },
  cpu: { max: 4096 },
  memory: {},
};

export const limitsCalls: readonly Call[] = [
  {
    name: 'getLimits',
    method: 'get',
    path: '/limits',
    summary: 'What a user may have, and has',
    input: asking,
    answers: {
      200: { description: 'As it is now', body: { schema: answer, example: { success: true, item: example } } },
    },
    failures: failuresOfUsers,
  },
];

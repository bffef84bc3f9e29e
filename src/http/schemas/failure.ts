import { z } from 'zod';

const fault = z.strictObject({
  field: z.string(),
  message: z.string(),
});

/** Every failure, whatever its cause. */
const failure = z.strictObject({
  success: z.literal(false),
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    request_id: z.string(),
    details: z.array(fault).readonly().optional(),
  }),
});

export type FailureAnswer = z.infer<typeof failure>;

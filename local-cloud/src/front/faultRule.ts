import { z } from 'zod';
import { serviceNames } from './protocol.ts';

/** What `PUT /_local/faults` takes a list of. */
const schema = z
  .strictObject({
    /** A name matches all services, `ecs:TagResource` one of them, `*` every call, `efs:*` every call of one. */
    operation: z.string().min(1),
    kind: z.enum(['throttle', 'error', 'timeout', 'reset']),
    /** The error's name. Default: the service's internal error. */
    code: z
      .string()
      .regex(/^[A-Za-z]{1,100}$/, 'is not an error name')
      .optional(),
    /** `after`: the operation takes effect and its answer is lost. Calls that the service refuses are left alone. */
    when: z.enum(['before', 'after']).default('before'),
    /** How often the rule strikes until it is spent. Default: for ever. */
    times: z.number().int().min(1).optional(),
    probability: z.number().min(0).max(1).default(1),
  })
  .refine((rule) => rule.code === undefined || rule.kind === 'error', {
    path: ['code'],
    message: 'goes with kind "error" only',
  });

export type FaultRuleInput = z.input<typeof schema>;
export type FaultRule = z.output<typeof schema>;

/**
 * @param known the operations that there are, as `ecs:RunTask`: a rule for a misspelt one would never strike
 * @throws z.ZodError
 */
export function parseFaultRules(input: unknown, known: ReadonlySet<string>): FaultRule[] {
  const patterns = new Set([
    '*',
    ...serviceNames.map((service) => `${service}:*`),
    ...known,
    ...[...known].map((name) => name.replace(/^\w+:/, '')),
  ]);
  const checked = schema.refine((rule) => patterns.has(rule.operation), {
    path: ['operation'],
    message: 'is not an operation of the local cloud',
  });
  return z.array(checked).max(1000).parse(input);
}

import { z } from 'zod';
import { isNameLength, isPrintable } from '../../workbench/model/userText.ts';
import { ofUser } from './user.ts';

const wholeNumber = (of: string) =>
  z.int(`must be a whole number of ${of}`).positive(`must be a whole number of ${of}`);

const creation = z.strictObject({
  workbench_name: z
    .string('must be a string')
    .refine(isNameLength, 'must have 1 to 64 characters')
    .refine((name) => name.length === 0 || isPrintable(name), 'must be printable text')
    .optional(),
  requested_cpu: wholeNumber('CPU units').optional(),
  requested_memory: wholeNumber('MiB').optional(),
});

export const creating = {
  query: ofUser,
  body: creation,
  headers: z.object({
    'Idempotency-Key': z
      .string()
      .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
      .optional(),
  }),
};

export const listing = { query: ofUser };

/** For calls that take no body: an empty object will do. */
export const commanding = { query: ofUser, body: z.strictObject({}) };

const item = z.strictObject({
  user_id: z.string(),
  workbench_id: z.string(),
  workbench_name: z.string(),
  status: z.string(),
  public_endpoint: z.string(),
  requested_cpu: z.int(),
  requested_memory: z.int(),
  created_at: z.iso.datetime(),
  status_age_ms: z.int(),
  stopped_reason: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});

/** A workbench as callers see it. */
export type Item = z.infer<typeof item>;

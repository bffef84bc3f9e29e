import { z } from 'zod';

const milliseconds = z.number().int().min(0).max(3_600_000);

/** What `PUT /_local/timing` takes: any of Timing's keys. */
export const timingSchema = z
  .strictObject({
    provisioningMs: milliseconds,
    pendingMs: milliseconds,
    activatingMs: milliseconds,
    stoppingMs: milliseconds,
    deprovisioningMs: milliseconds,
    visibilityMs: milliseconds,
    latencyMs: milliseconds,
    rates: z.enum(['aws', 'off']),
  })
  .partial()
  // A key that is present but undefined (from a caller in this process) is not a change.
  .transform((input) => Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)));

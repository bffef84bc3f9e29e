import { z } from 'zod';
import { ofUser } from './user.ts';

const LONGEST_WAIT_SECONDS = 60;
const wrongWait = `must be a whole number of seconds from 0 to ${LONGEST_WAIT_SECONDS}, given once`;
const states = ['running', 'stopped', 'gone'] as const;
const wrongState = `must be one or several of ${states.join(', ')}, separated by commas`;

/** A poll, and how many seconds it is willing to wait for a change. */
export const polling = {
  query: ofUser.extend({
    wait: z
      .string(wrongWait)
      .regex(/^\d{1,3}$/, wrongWait)
      .transform(Number)
      .pipe(z.int().max(LONGEST_WAIT_SECONDS, wrongWait))
      .optional(),
  }),
};

export const following = {
  query: ofUser.extend({
    until: z
      .string(wrongState)
      .transform((text) => text.split(','))
      .refine((all) => all.every((state) => states.some((known) => known === state)), wrongState)
      .optional(),
  }),
  headers: z.object({
    'Last-Event-ID': z
      .string()
      .regex(/^(?:[0-9a-f]{16})?$/, 'must be the id of an event of this stream; leave it out')
      .optional(),
  }),
};

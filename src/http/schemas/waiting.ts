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
      .pipe(z.int().min(0).max(LONGEST_WAIT_SECONDS, wrongWait))
      .meta({ description: 'Answer at the next change, or after so many seconds' })
      .optional(),
  }),
};

export const following = {
  query: ofUser.extend({
    until: z
      .string(wrongState)
      .transform((text) => text.split(','))
      .pipe(z.array(z.string().meta({ enum: states })))
      .refine((all) => all.every((state) => states.some((known) => known === state)), wrongState)
      .meta({ description: 'The stream ends when the workbench has come to one of these' })
      .optional(),
  }),
  headers: z.object({
    'Last-Event-ID': z
      .string()
      .regex(/^(?:[0-9a-f]{16})?$/, 'must be the id of an event of this stream; leave it out')
      .meta({ description: 'The id of the last event that the client has' })
      .optional(),
  }),
};

/** A stream of server-sent events, as text. */
export const eventText = z.string();

export const gone = z.strictObject({ workbench_id: z.string() }).meta({ description: 'It and its data are gone' });

export function eventExample(item: Readonly<{ workbench_id: string }>): string {
  const gone = JSON.stringify({ workbench_id: item.workbench_id });
  return `retry: 2000\n\nid: 6b1f0d5a9c3e4f72\ndata: ${JSON.stringify(item)}\n\nevent: gone\ndata: ${gone}\n\n`;
}

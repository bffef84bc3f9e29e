import { z } from 'zod';
import { ofUser } from './user.ts';

const MOST_LINES = 10_000;
export const DEFAULT_LINES = 200;
const wrongLines = `must be a whole number from 1 to ${MOST_LINES}, given once`;

export const reading = {
  query: ofUser.extend({
    lines: z
      .string(wrongLines)
      .regex(/^\d{1,5}$/, wrongLines)
      .transform(Number)
      .pipe(z.int().min(1, wrongLines).max(MOST_LINES, wrongLines))
      .meta({ description: `How many of the last lines; ${DEFAULT_LINES} where nothing is said` })
      .optional(),
  }),
};

export const logText = z.string().meta({ description: 'A line each, oldest first; at most the last 5 MB' });

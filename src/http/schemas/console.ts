import { z } from 'zod';
import type { Call } from './Call.ts';

const config = z
  .strictObject({
    authentication: z.enum(['off', 'token']).meta({ description: '`token`: a key or a token is asked for' }),
    default_user: z
      .string()
      .optional()
      .meta({ description: 'Whom the page acts for at first, with authentication off' }),
  })
  .meta({ description: 'What the console needs to know before anybody has signed in' });

export type ConsoleConfig = z.infer<typeof config>;

const welcome = z.strictObject({
  success: z.literal(true),
  message: z.string(),
  calls: z.array(z.strictObject({ method: z.string(), path: z.string(), summary: z.string() })),
});

export type Welcome = z.infer<typeof welcome>;

const page = { description: 'For browsers', body: { schema: z.string(), type: 'text/html' } };

export const consoleCalls: readonly Call[] = [
  {
    name: 'getWelcome',
    method: 'get',
    path: '/',
    summary: 'What may be called; browsers are sent to the console',
    open: true,
    answers: { 200: { description: 'For programs', body: { schema: welcome } }, 302: { description: 'For browsers' } },
    failures: [],
  },
  {
    name: 'readConsole',
    method: 'get',
    path: '/console/',
    summary: 'A page to see and do everything',
    open: true,
    answers: { 200: page, 304: { description: 'The browser has it already' } },
    failures: ['not_found'],
  },
  {
    name: 'getConsoleConfig',
    method: 'get',
    path: '/console/config.json',
    summary: 'What the console needs to know before anybody has signed in',
    open: true,
    answers: {
      200: {
        description: 'The same for everybody',
        body: {
          schema: z.strictObject({ success: z.literal(true), item: config }),
          example: { success: true, item: { authentication: 'off', default_user: 'me' } },
        },
      },
    },
    failures: [],
  },
];

import { z } from 'zod';
import { type Call, failuresOfUsers } from './Call.ts';
import { ofEverybody, ofUser } from './user.ts';
import { eventText, gone } from './waiting.ts';
import { item } from './workbenches.ts';

export const feeding = { query: ofUser.extend({ all: ofEverybody }) };

export const feedCalls: readonly Call[] = [
  {
    name: 'followWorkbenches',
    method: 'get',
    path: '/events',
    summary: 'Every change of all workbenches that the caller may see, as server-sent events',
    description:
      'First `ready`, then changes alone: wait for `ready`, then list, and nothing is missed. Events without a name carry a workbench, `gone` the `workbench_id` of one that is gone. The stream ends when the token does; after it broke off, list again.',
    input: feeding,
    answers: {
      200: {
        description: 'A stream without an end',
        body: {
          schema: eventText,
          type: 'text/event-stream',
          example:
            'retry: 2000\n\nevent: ready\ndata: {}\n\nevent: gone\ndata: {"workbench_id":"0a1b2c3d4e5f60718"}\n\n',
          events: { ready: z.strictObject({}), message: item, gone },
        },
      },
    },
    failures: [...failuresOfUsers, 'too_many'],
  },
];

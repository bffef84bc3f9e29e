import { z } from 'zod';
import { startingSteps } from '../../workbench/model/starting.ts';
import { isNameLength, isPrintable } from '../../workbench/model/userText.ts';
import { stoppedReasonCodes } from '../../workbench/model/Workbench.ts';
import { ofEverybody, ofUser } from './user.ts';

const wholeNumber = (of: string) =>
  z.int(`must be a whole number of ${of}`).positive(`must be a whole number of ${of}`);

const name = z
  .string('must be a string')
  .refine(isNameLength, 'must have 1 to 64 characters')
  .refine((text) => text.length === 0 || isPrintable(text), 'must be printable text')
  .meta({ description: 'Printable text; the default is made of the id', minLength: 1, maxLength: 64 });

const profile = z.string('must be a string').meta({ description: 'One of those of `GET /profiles`' });

export const creation = z
  .strictObject({
    workbench_name: name.optional(),
    profile: profile.optional(),
    requested_cpu: wholeNumber('CPU units').meta({ description: '1024 are a vCPU' }).optional(),
    requested_memory: wholeNumber('MiB').meta({ description: 'MiB; which fit which CPU, a 400 says' }).optional(),
  })
  .meta({ description: 'All of it may be left out', examples: [{ workbench_name: 'Analysis', requested_cpu: 1024 }] });

export const changing = {
  query: ofUser,
  body: z.strictObject(creation.shape).meta({
    description: 'What is left out stays as it is; another profile brings its sizes along, unless they are given',
    examples: [{ workbench_name: 'Analysis 2' }],
  }),
};

export type Creation = z.infer<typeof creation>;

export const creating = {
  query: ofUser,
  body: creation,
  headers: z.object({
    'Idempotency-Key': z
      .string()
      .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
      .meta({ description: 'The same key answers the same workbench, from whichever controller, after whatever crash' })
      .optional(),
  }),
};

const MOST_A_PAGE = 1_000;
const wrongLimit = `must be a whole number from 1 to ${MOST_A_PAGE}, given once`;
const ofAll = {
  limit: z
    .string(wrongLimit)
    .regex(/^\d{1,4}$/, wrongLimit)
    .transform(Number)
    .pipe(z.int().min(1, wrongLimit).max(MOST_A_PAGE, wrongLimit))
    .meta({ description: 'How many a page has at most; 100 if it is left out' })
    .optional(),
  cursor: z
    .string('must be given once')
    .max(400, 'must be the next_cursor of an answer')
    .meta({ description: 'The `next_cursor` of the page before, with the same filters' })
    .optional(),
  status: z
    .string('must be given once')
    .regex(/^[a-z_]{1,40}$/, 'must be a status')
    .meta({ description: 'Those with this status alone; `destroying` shows them, which are left out otherwise' })
    .optional(),
  q: z
    .string('must be given once')
    .min(1, 'must not be empty')
    .max(200, 'must have at most 200 characters')
    .meta({ description: 'Those with this in their name, user or id, in whichever case' })
    .optional(),
};

export const listing = {
  query: ofUser.extend({ all: ofEverybody, ...ofAll }).superRefine((query, context) => {
    if (query.all === 'true') return;
    for (const name of ['limit', 'cursor', 'status', 'q'] as const) {
      if (query[name] === undefined) continue;
      context.addIssue({ code: 'custom', path: [name], message: 'goes with all=true alone' });
    }
  }),
};

/** For calls that take no body: an empty object will do. */
export const commanding = { query: ofUser, body: z.strictObject({}) };

export const item = z
  .strictObject({
    user_id: z.string(),
    workbench_id: z.string().regex(/^[0-9a-f]{8,40}$/),
    workbench_name: z.string(),
    status: z
      .string()
      .regex(/^[a-z_]+$/)
      .meta({
        description:
          '`stopped`, `starting`, then what ECS says: `provisioning`, `pending`, `activating`, `running`, `deactivating`, `stopping`, `deprovisioning`; and `destroying`. An open set: ECS may have others',
      }),
    public_endpoint: z.url().meta({ description: 'Where browsers find it; `POST …/open` lets one in' }),
    requested_cpu: z.int().meta({ description: '1024 are a vCPU' }),
    requested_memory: z.int().meta({ description: 'MiB' }),
    profile: z.string(),
    image: z.string().optional().meta({ description: 'What runs, else what a start would run' }),
    image_digest: z.string().optional().meta({ description: 'Of what runs, where ECS tells' }),
    update_available: z.boolean().optional().meta({
      description: 'Of what runs: a start would run another image (by its name), profile or size',
    }),
    created_at: z.iso.datetime(),
    status_age_ms: z.int().nonnegative().meta({ description: 'How long ago the cloud said so' }),
    stopped_reason: z
      .strictObject({ code: z.enum(stoppedReasonCodes), message: z.string() })
      .optional()
      .meta({ description: 'Where it was stopped by anything but a request' }),
    starting: z
      .strictObject({
        step: z.enum(startingSteps).meta({
          description:
            '`queued`: accepted, the cloud doesn’t show it yet; `provisioning`: a place and an address are looked for; `pulling`: its image is fetched; `booting`',
        }),
        since: z.iso.datetime().meta({ description: 'By the cloud’s clock' }),
        hint: z.string().optional().meta({ description: 'For people: why it may take so long, and what helps' }),
      })
      .optional()
      .meta({ description: 'On its way up: what it is doing' }),
  })
  .meta({ description: 'A workbench. A field that does not apply is left out' });

/** A workbench as callers see it. */
export type Item = z.infer<typeof item>;

export const itemAnswer = z.strictObject({ success: z.literal(true), item });
export const itemsAnswer = z.strictObject({
  success: z.literal(true),
  items: z.array(item),
  next_cursor: z.string().optional().meta({ description: 'With `all=true`, if there are more' }),
  counts: z
    .record(z.string(), z.int())
    .optional()
    .meta({ description: 'With the first page: how many have each status, of all that the other filters let through' }),
});

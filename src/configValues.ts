import { z } from 'zod';

/** What a variable of the environment may hold; the messages say what it must be. */

export const list = z.string().transform((text) => text.split(',').flatMap((part) => part.trim() || []));
export const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum, `must be at least ${minimum}`).max(maximum, `must be at most ${maximum}`));
export const port = wholeNumber(0, 65_535);
export const absolutePath = z
  .string()
  .regex(/^\/[\w.~/-]*$/, 'must be an absolute path of letters, digits and _ . ~ / -')
  .transform((path) => path.replace(/\/+$/, ''));
export const filePath = z
  .string()
  .regex(/^\/[\w./-]*[\w-]$/, 'must be an absolute path of letters, digits and _ . / -');
export const roleArn = z.string().regex(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, 'must be the ARN of an IAM role');
export const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no', 'ENABLED', 'DISABLED'], 'must be true or false')
  .transform((value) => ['true', '1', 'yes', 'ENABLED'].includes(value));
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .regex(/^[^?#]*$/, 'must have neither query nor fragment')
  .transform((url) => url.replace(/\/+$/, ''));
export const origin = z
  .string()
  .refine(
    (value) => value === '*' || (URL.canParse(value) && new URL(value).origin === value),
    'must be origins such as https://app.example.com',
  );

/** What fits into `Authorization: Bearer <token>`; any other key would let nobody in. */
export const bearerToken = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks');

/** `FARGATE_SPOT:4,FARGATE:1`: a provider and its weight. */
export const capacityProviders = list.pipe(
  z
    .array(
      z
        .string()
        .regex(/^[\w-]{1,255}(:\d{1,4})?$/, 'must be like FARGATE_SPOT:4,FARGATE:1')
        .transform((entry) => {
          const [provider = '', weight = '1'] = entry.split(':');
          return { capacityProvider: provider, weight: Number(weight) };
        }),
    )
    .max(20, 'must be at most 20 providers')
    // AWS's limits: such a strategy would be refused at every start.
    .refine((all) => all.every(({ weight }) => weight <= 1000), 'must have weights of at most 1000')
    .refine((all) => all.length === 0 || all.some(({ weight }) => weight > 0), 'must have a weight above 0'),
);

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
export const region = z.string().regex(/^[a-z]{2,8}(-[a-z]+)+-\d{1,2}$/, 'must be a Region such as us-west-1');
export const clusterName = z
  .string()
  .regex(/^(arn:[\w-]+:ecs:[\w-]+:\d{12}:cluster\/)?[\w-]{1,255}$/, 'must be a cluster name or ARN');
export const logGroup = z.string().regex(/^[.\-_/#A-Za-z0-9]{1,512}$/, 'must be a log group name');
export const fileSystemId = z
  .string()
  .regex(
    /^(arn:[\w-]+:elasticfilesystem:[\w-]+:\d{12}:file-system\/)?fs-[0-9a-f]{8,40}$/,
    'must be like fs-0123456789abcdef0',
  );
export const stackName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ and -');
export const imageName = z.string().regex(/^\S{1,255}$/, 'must be an image name');
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

/** Which cloud it is, and whether this port serves the workbenches, where neither is said. */
export function cloudOf(env: {
  WB_CLOUD?: 'aws' | 'local' | undefined;
  ECS_CLUSTER?: string | undefined;
}): 'aws' | 'local' {
  return env.WB_CLOUD ?? (env.ECS_CLUSTER ? 'aws' : 'local');
}

export function hasGateway(chosen: string | undefined, cloud: string): boolean {
  return (chosen ?? (cloud === 'local' ? 'builtin' : 'off')) === 'builtin';
}

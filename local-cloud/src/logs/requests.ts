import { z } from 'zod';
import { AwsError } from '../awsError.ts';
import { typeMismatch } from '../faultText.ts';

const group = z.string().regex(/^[.\-_/#A-Za-z0-9]{1,512}$/);
const stream = z.string().regex(/^[^:*]{1,512}$/);
const time = z.int().min(0);

export const createLogGroupRequest = z.object({ logGroupName: group });

export const getLogEventsRequest = z.object({
  logGroupName: group,
  logStreamName: stream,
  startTime: time.optional(),
  endTime: time.optional(),
  nextToken: z.string().min(1).optional(),
  limit: z.int().min(1).max(10_000).default(10_000),
  startFromHead: z.boolean().default(false),
});

export const describeLogStreamsRequest = z
  .object({
    logGroupName: group,
    logStreamNamePrefix: stream.optional(),
    orderBy: z.enum(['LogStreamName', 'LastEventTime']).default('LogStreamName'),
    descending: z.boolean().default(false),
    nextToken: z.string().min(1).optional(),
    limit: z.int().min(1).max(50).default(50),
  })
  .refine(({ orderBy, logStreamNamePrefix }) => orderBy === 'LogStreamName' || logStreamNamePrefix === undefined, {
    message: 'Cannot order by LastEventTime with a logStreamNamePrefix.',
  });

export const deleteLogStreamRequest = z.object({ logGroupName: group, logStreamName: stream });

/** @throws AwsError InvalidParameterException, in the words that services which are made of a model have for it */
export function parse<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const mismatch = typeMismatch(issue, input);
    if (mismatch !== undefined) throw mismatch;
  }
  const [issue] = result.error.issues;
  const message =
    issue?.code === 'custom'
      ? issue.message
      : `1 validation error detected: Value at '${issue?.path.join('.')}' failed to satisfy constraint: ${issue?.message}`;
  throw new AwsError('InvalidParameterException', message);
}

import type { z } from 'zod';
import { AwsError } from '../awsError.ts';
import { typeMismatch, valueAt } from '../faultText.ts';

/**
 * The request as its schema understands it. As ECS does, the refusal names one fault: in the schema's words, which are
 * ECS's where those are known, else in words like ECS's.
 * @throws AwsError `errorName`, which is InvalidParameterException in most of ECS; SerializationException
 */
export function parseRequest<S extends z.ZodType>(
  schema: S,
  input: unknown,
  errorName = 'InvalidParameterException',
): z.infer<S> {
  const result = schema.safeParse(input, { error: (issue) => inWordsLikeEcs(issue, input) });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const mismatch = typeMismatch(issue, input);
    if (mismatch !== undefined) throw mismatch;
  }
  throw new AwsError(errorName, result.error.issues[0]?.message ?? 'Invalid request.');
}

/** For whatever the schema has no words of its own. */
function inWordsLikeEcs(issue: z.core.$ZodRawIssue, input: unknown): string {
  const path = issue.path ?? [];
  const name = path.findLast((part) => typeof part === 'string') ?? 'request';
  const isList = Array.isArray(valueAt(input, path));
  switch (issue.code) {
    case 'invalid_type':
      return `${name} can not be blank.`;
    case 'too_small':
      if (isList) return `${name} can not be empty.`;
      return issue.origin === 'string' ? `${name} can not be blank.` : `${name} can not be less than ${issue.minimum}.`;
    case 'too_big':
      if (isList) return `${name} can have at most ${issue.maximum} items.`;
      if (issue.origin === 'string') return `${name} longer than ${issue.maximum}.`;
      return `${name} can not be more than ${issue.maximum}.`;
    case 'invalid_value':
      return `${name} should be one of [${issue.values?.join(',')}]`;
    default:
      return `${name} contains invalid characters.`;
  }
}

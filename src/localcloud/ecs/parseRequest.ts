import type { z } from 'zod';
import { AwsError } from '../awsError.ts';

/**
 * The request as its schema understands it. The schema's own messages become the refusal's.
 * @throws AwsError `errorName`, which is InvalidParameterException in most of ECS
 */
export function parseRequest<S extends z.ZodType>(
  schema: S,
  input: unknown,
  errorName = 'InvalidParameterException',
): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
  );
  throw new AwsError(errorName, faults.join('; '));
}

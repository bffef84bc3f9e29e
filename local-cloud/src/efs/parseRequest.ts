import type { z } from 'zod';
import { AwsError } from '../awsError.ts';
import { typeMismatch, valueAt } from '../faultText.ts';

type Issue = z.core.$ZodIssue;

/** Begins what a schema says of a limit of the model; anything else that it says is EFS's own rule. */
const limit = 'Member must ';

/**
 * The request as its schema understands it. What breaks a limit of the model gets a ValidationException, though the
 * model doesn't list that one, in the words that all services which are made of a model use for it.
 * @throws AwsError ValidationException, BadRequest, SerializationException
 */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  for (const issue of issues) {
    const mismatch = typeMismatch(issue, input);
    if (mismatch !== undefined) throw mismatch;
  }
  const limits = issues.filter((issue) => issue.code !== 'custom' || issue.message.startsWith(limit));
  if (limits.length === 0) throw new AwsError('BadRequest', issues[0]?.message ?? 'Invalid request');
  const faults = limits.map((issue) => {
    // Of a plain list, such as that of tag keys, the whole is shown.
    const inList = typeof issue.path.at(-1) === 'number';
    const path = inList ? issue.path.slice(0, -1) : issue.path;
    const value = valueAt(input, path);
    const shown = value === undefined ? 'null' : `'${textOf(value)}'`;
    const constraint = inList ? `${limit}satisfy constraint: [${constraintOf(issue)}]` : constraintOf(issue);
    return `Value ${shown} at '${memberAt(path)}' failed to satisfy constraint: ${constraint}`;
  });
  const count = `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected`;
  throw new AwsError('ValidationException', `${count}: ${faults.join('; ')}`);
}

/** `tags.1.member.key` */
function memberAt(path: Issue['path']): string {
  return path.map((part) => (typeof part === 'number' ? `${part + 1}.member` : lowerFirst(String(part)))).join('.');
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function constraintOf(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
    case 'too_big': {
      const what = issue.origin === 'string' || issue.origin === 'array' ? 'length' : 'value';
      const bound =
        issue.code === 'too_small'
          ? `greater than or equal to ${issue.minimum}`
          : `less than or equal to ${issue.maximum}`;
      return `${limit}have ${what} ${bound}`;
    }
    case 'invalid_format':
      return `${limit}satisfy regular expression pattern: ${issue.pattern?.replace(/^\/|\/u?$/g, '') ?? issue.format}`;
    case 'invalid_type':
      return `${limit}not be null`;
    default:
      return issue.message;
  }
}

import type { z } from 'zod';
import { AwsError } from './awsError.ts';

type Issue = z.core.$ZodIssue;

/** What stands at the path of an issue. */
export function valueAt(input: unknown, path: Issue['path']): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

/**
 * A value of another JSON type than the model's never gets as far as the service: what reads the request refuses it.
 * @returns undefined unless that is what the issue is about
 */
export function typeMismatch(issue: Issue, input: unknown): AwsError | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const value = valueAt(input, issue.path);
  if (value === undefined) return undefined;
  const wanted = wantedTypes[issue.expected] ?? 'Structure';
  return new AwsError('SerializationException', `${jsonTypeOf(value)}_VALUE can not be converted to a ${wanted}`);
}

const wantedTypes: Readonly<Record<string, string>> = {
  string: 'String',
  number: 'Number',
  int: 'Integer',
  boolean: 'Boolean',
  array: 'List',
};

function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'LIST';
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER' : 'DECIMAL';
  return typeof value === 'object' ? 'STRUCTURE' : (typeof value).toUpperCase();
}

import { AwsError } from '../awsError.ts';

/** An empty body counts as `{}`. @throws AwsError SerializationException if it is anything but a JSON object */
export function parseJsonObject(body: string): Readonly<Record<string, unknown>> {
  if (body === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'The request body is not a JSON object');
  }
  return withoutNulls(value) as Readonly<Record<string, unknown>>;
}

/** To AWS a member that is null is a member that is absent. */
function withoutNulls(value: object): object {
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? withoutNulls(item) : item));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, isObject(member) ? withoutNulls(member) : member]),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import type { ErrorCode } from '../../lib/ErrorCode.ts';
import { type FailureAnswer, failure, statusOf } from '../schemas/failure.ts';
import { meanings } from '../schemas/meanings.ts';
import { schemaOf } from './components.ts';
import { headersOf } from './headers.ts';

/** A response for each status that the codes have, which says what each of them means. */
export function failureResponses(codes: readonly ErrorCode[]): Readonly<Record<string, object>> {
  const statuses = [...new Set(codes.map((code) => statusOf[code]))].sort();
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      responseOf(
        status,
        codes.filter((code) => statusOf[code] === status),
      ),
    ]),
  );
}

function responseOf(status: number, codes: readonly ErrorCode[]): object {
  const retries = [409, 429, 503].includes(status) ? (['Retry-After'] as const) : [];
  const challenge = status === 401 ? (['WWW-Authenticate'] as const) : [];
  const ofThese = { properties: { error: { properties: { code: { enum: codes } } } } };
  return {
    description: codes.map((code) => `\`${code}\`: ${meanings[code]}`).join('\n\n'),
    headers: headersOf(['X-Request-Id', ...retries, ...challenge]),
    content: {
      'application/json': {
        schema: { allOf: [schemaOf(failure), ofThese] },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}

function exampleOf(code: ErrorCode): FailureAnswer {
  const fault = { field: 'requested_cpu', message: 'must be a whole number of CPU units' };
  const request_id = '3f1c2b6e-8f0a-4a57-9d3e-5b8c6a1d2e4f';
  const details = code === 'invalid_request' ? { details: [fault] } : {};
  return { success: false, error: { code, message: `For people: ${meanings[code]}`, request_id, ...details } };
}

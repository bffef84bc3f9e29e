import type { z } from 'zod';
import type { ErrorCode } from '../../lib/ErrorCode.ts';

/** What a call takes beside its path. Further parameters and headers are nobody's business. */
export type InputSchemas = Readonly<{ query: z.ZodObject; headers?: z.ZodObject; body?: z.ZodObject }>;

/** Of a stream, what the events of each name carry; those without a name by `message`, as browsers call them. */
export type EventSchemas = Readonly<Record<string, z.ZodType>>;

export type Answer = Readonly<{
  description: string;
  /** Undefined: no body. */
  body?: Readonly<{ schema: z.ZodType; example?: unknown; type?: string; events?: EventSchemas }>;
  headers?: readonly AnswerHeader[];
}>;

export type AnswerHeader = 'ETag' | 'Age';

/** One call of the API, as it is validated, tested and described. */
export type Call = Readonly<{
  /** What generated clients call it. */
  name: string;
  method: 'get' | 'post' | 'patch' | 'delete';
  /** Parameters in braces. */
  path: string;
  summary: string;
  description?: string;
  /** Needs no token. */
  open?: true;
  input?: InputSchemas;
  answers: Readonly<Record<number, Answer>>;
  /** Beside those that any call may have. */
  failures: readonly ErrorCode[];
}>;

/** Of any call, before it is known which. */
export const failuresOfAny: readonly ErrorCode[] = [
  'bad_request',
  'not_allowed',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
  'misdirected_request',
  'request_header_fields_too_large',
  'internal',
  'service_unavailable',
];

/** Where a token is asked for. */
export const failuresOfTokens: readonly ErrorCode[] = ['unauthenticated', 'invalid_token', 'provider_unavailable'];

/** Where a user is acted for and the cloud may have to be asked. */
export const failuresOfUsers: readonly ErrorCode[] = ['invalid_request', 'cloud_refused', 'cloud_unavailable'];

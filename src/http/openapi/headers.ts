import type { AnswerHeader } from '../schemas/Call.ts';

type Header = AnswerHeader | 'X-Request-Id' | 'Retry-After' | 'WWW-Authenticate';

const text = { type: 'string' };
const seconds = { type: 'integer', minimum: 0 };
const described: Readonly<Record<Header, object>> = {
  'X-Request-Id': {
    description: 'What the log knows the request by; a sane one of the request’s is kept',
    schema: text,
  },
  ETag: { description: 'For `If-None-Match`; the age is not part of it', schema: text },
  Age: { description: 'Seconds since the cloud said so', schema: seconds },
  'Retry-After': { description: 'Seconds after which the same request may be sent again', schema: seconds },
  'WWW-Authenticate': { description: '`Bearer`', schema: text },
};

export function headersOf(names: readonly Header[]): Readonly<Record<string, object>> {
  return Object.fromEntries(names.map((name) => [name, described[name]]));
}

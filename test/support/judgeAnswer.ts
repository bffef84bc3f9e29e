import { calls } from '../../src/http/openapi/calls.ts';
import { codesOf } from '../../src/http/openapi/createDescription.ts';
import { type Answer, type Call, failuresOfAny, failuresOfTokens } from '../../src/http/schemas/Call.ts';
import { failure, statusOf } from '../../src/http/schemas/failure.ts';
import type { ErrorCode } from '../../src/lib/ErrorCode.ts';

export type SeenAnswer = Readonly<{
  method: string;
  /** Below the API's prefix. */
  path: string;
  status: number;
  headers: Readonly<Record<string, unknown>>;
  body: string;
}>;

const templates = calls.map((call) => ({
  call,
  // Express takes another case and a slash at the end.
  pattern: new RegExp(`^${call.path.replace(/\/$/, '').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
}));

/** What is wrong with an answer by the description of the API; undefined: nothing. */
export function judgeAnswer(answer: SeenAnswer): string | undefined {
  const { method, path, status } = answer;
  const here = templates.filter(({ pattern }) => pattern.test(path)).map(({ call }) => call);
  const wanted = (method === 'HEAD' ? 'GET' : method).toLowerCase();
  const call = here.find((one) => one.method === wanted);
  if (status >= 400) {
    const unknown: readonly ErrorCode[] = [...failuresOfAny, ...failuresOfTokens, 'not_found', 'method_not_allowed'];
    // Streams answer HEAD with a 405.
    return faultOfFailure(answer, call ? [...codesOf(call), ...(method === 'HEAD' ? unknown : [])] : unknown);
  }
  if (method === 'OPTIONS') return status === 204 ? undefined : 'OPTIONS is answered with 204';
  const documented = call?.answers[status];
  return documented && call ? faultOfSuccess(answer, documented, call) : `no such answer is documented`;
}

function faultOfFailure(
  { method, status, headers, body }: SeenAnswer,
  codes: readonly ErrorCode[],
): string | undefined {
  if (headers['content-type'] !== 'application/json; charset=utf-8') return 'a failure is JSON';
  if (status === 401 && !headers['www-authenticate']) return 'a 401 has WWW-Authenticate';
  if (status === 405 && !headers['allow']) return 'a 405 has Allow';
  if (status === 503 && !headers['retry-after']) return 'a 503 has Retry-After';
  if (method === 'HEAD') return body === '' ? undefined : 'HEAD has no body';
  const parsed = failure.safeParse(JSON.parse(body));
  if (!parsed.success) return parsed.error.message;
  const { code } = parsed.data.error;
  if (statusOf[code] !== status) return `${code} is a ${statusOf[code]}`;
  return codes.includes(code) ? undefined : `${code} is not documented for this call`;
}

function faultOfSuccess({ method, headers, body }: SeenAnswer, documented: Answer, call: Call): string | undefined {
  const missing = (documented.headers ?? []).filter((name) => headers[name.toLowerCase()] === undefined);
  if (missing.length > 0) return `without ${missing.join()}`;
  if (!documented.body || method === 'HEAD') return body === '' ? undefined : 'there is a body';
  const { schema, type = 'application/json', events } = documented.body;
  if (headers['content-type'] !== `${type}; charset=utf-8`) return `its type is not ${type} in UTF-8`;
  if (!events) return schema.safeParse(type === 'application/json' ? JSON.parse(body) : body).error?.message;
  for (const [, name = 'message', data = ''] of body.matchAll(/(?:^event: (\w+)\n)?^data: (.*)\n\n/gm)) {
    const parsed = events[name]?.safeParse(JSON.parse(data));
    if (!parsed?.success) return `event ${name} of ${call.name}: ${parsed?.error.message ?? 'is not documented'}`;
  }
  return undefined;
}

import type { FailureAnswer } from '../http/schemas/failure.ts';

type Failure = FailureAnswer['error'];

/** What the API, or something on the way to it, answered in place of success. */
export class ApiError extends Error {
  readonly status: number;
  /** Undefined: it wasn't the API that answered. */
  readonly code: Failure['code'] | undefined;
  readonly requestId: string | undefined;
  readonly details: Failure['details'];
  /** The same request may be sent again after so many seconds. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, failure: Failure | undefined, retryAfterSeconds: number | undefined) {
    super(failure?.message ?? `The answer was a ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = failure?.code;
    this.requestId = failure?.request_id;
    this.details = failure?.details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Of an answer that is no success. */
export async function apiErrorOf(answer: Response): Promise<ApiError> {
  const after = Number(answer.headers.get('Retry-After') ?? Number.NaN);
  const body: unknown = await answer.json().catch(() => undefined);
  return new ApiError(answer.status, failureIn(body), Number.isFinite(after) ? after : undefined);
}

function failureIn(body: unknown): Failure | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body as Partial<FailureAnswer>;
  return typeof error?.code === 'string' ? error : undefined;
}

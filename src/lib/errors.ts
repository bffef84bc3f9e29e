import type { ErrorCode } from './ErrorCode.ts';

/** One thing wrong with a request, and where: `user_id`, `body.requested_cpu`, … */
export type Fault = Readonly<{ field: string; message: string }>;

/** A limit that is reached. */
export type Details = Readonly<{
  limit: 'workbenches' | 'running' | 'all_running';
  max: number;
  used: number;
  running: readonly string[];
}>;

type Context = Readonly<{ code?: ErrorCode; cause?: unknown }>;

/**
 * The family of expected failures. Each says what went wrong in a message fit for the caller;
 * what they become on the wire is the error handler's business. `cause` is for the log alone.
 */
export abstract class ExpectedError extends Error {
  /** Stable, for programs. */
  readonly code: ErrorCode;

  constructor(message: string, defaultCode: ErrorCode, context: Context = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = new.target.name;
    this.code = context.code ?? defaultCode;
  }
}

/** The caller asked for something that makes no sense. */
export class InputError extends ExpectedError {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], context: Context = {}) {
    super(faults.map(({ field, message }) => `${field}: ${message}`).join('; '), 'invalid_request', context);
    this.faults = faults;
  }
}

/** No token, or not a good one. */
export class AuthenticationError extends ExpectedError {
  constructor(message: string, context: Context = {}) {
    super(message, 'unauthenticated', context);
  }
}

/** A good token that may not do this. */
export class NotAllowedError extends ExpectedError {
  constructor(message: string, context: Context = {}) {
    super(message, 'not_allowed', context);
  }
}

export class NotFoundError extends ExpectedError {
  constructor(message: string, context: Context = {}) {
    super(message, 'not_found', context);
  }
}

/** The request is fine, but not in the state that the workbench is in. */
export class ConflictError extends ExpectedError {
  readonly retryAfterSeconds: number | undefined;
  /** What programs can act upon. */
  readonly details: Details | undefined;

  constructor(
    message: string,
    context: Context & Readonly<{ code: ErrorCode; retryAfterSeconds?: number; details?: Details }>,
  ) {
    super(message, context.code, context);
    this.retryAfterSeconds = context.retryAfterSeconds;
    this.details = context.details;
  }
}

/** An idempotency key that came with another body before. */
export class KeyReusedError extends ExpectedError {
  constructor(message: string, context: Context = {}) {
    super(message, 'idempotency_key_reused', context);
  }
}

/** More than one caller may hold at a time. */
export class TooManyError extends ExpectedError {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, context: Context = {}) {
    super(message, 'too_many', context);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The cloud has no room, throttles or does not answer. What was asked for may or may not have happened. */
export class UnavailableError extends ExpectedError {
  readonly retryAfterSeconds: number;

  constructor(message: string, context: Context & Readonly<{ retryAfterSeconds?: number }> = {}) {
    super(message, 'cloud_unavailable', context);
    this.retryAfterSeconds = context.retryAfterSeconds ?? 5;
  }
}

/** The cloud answered, and refused. */
export class UpstreamError extends ExpectedError {
  constructor(message: string, context: Context = {}) {
    super(message, 'cloud_refused', context);
  }
}

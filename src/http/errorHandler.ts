import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import type { ErrorCode } from '../lib/ErrorCode.ts';
import {
  ConflictError,
  type Details,
  ExpectedError,
  type Fault,
  InputError,
  TooManyError,
  UnavailableError,
} from '../lib/errors.ts';
import { requestIdOf } from './requestId.ts';
import { codeOf, type FailureAnswer, statusOf } from './schemas/failure.ts';

type Failure = Readonly<{
  status: number;
  code: ErrorCode;
  message: string;
  details?: readonly Fault[] | Details;
  retryAfterSeconds?: number | undefined;
}>;

/** What Express and its body parser throw carries a status; anything else is a bug of ours. */
const parserMessages: Readonly<Record<number, string>> = {
  400: 'The request can’t be read: its body must be a valid JSON object, its URL properly encoded',
  413: 'The body is too large: at most 100 KB',
  415: 'The body’s encoding or character set is not supported: send JSON in UTF-8',
};

/** Every failure, whatever its cause, as the envelope. */
export function errorHandler(logger: Logger) {
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const failure = failureOf(error);
    const line = { request_id: requestIdOf(response), method: request.method, path: request.path, err: error };
    if (failure.status === 500) logger.error(line, 'unexpected error');
    else if (failure.status > 500) logger.warn(line, failure.message);
    if (failure.status === 401) {
      const invalid = failure.code === 'invalid_token' ? ' error="invalid_token"' : '';
      response.set('WWW-Authenticate', `Bearer${invalid}`);
    }
    if (failure.retryAfterSeconds !== undefined) response.set('Retry-After', String(failure.retryAfterSeconds));
    // It may have been about to be a file.
    response
      .status(failure.status)
      .type('json')
      .json(envelope(failure, requestIdOf(response)));
  };
}

export function envelope({ code, message, details }: Omit<Failure, 'status'>, requestId: string): FailureAnswer {
  return { success: false, error: { code, message, request_id: requestId, ...(details ? { details } : {}) } };
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ExpectedError) {
    const retryAfterSeconds =
      error instanceof UnavailableError || error instanceof ConflictError || error instanceof TooManyError
        ? error.retryAfterSeconds
        : undefined;
    const { code, message } = error;
    return {
      status: statusOf[code],
      code,
      message,
      retryAfterSeconds,
      ...(error instanceof InputError ? { details: error.faults } : {}),
      ...(error instanceof ConflictError && error.details ? { details: error.details } : {}),
    };
  }
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status < 400 || status > 499 || Number.isNaN(status)) {
    return { status: 500, code: 'internal', message: 'Something went wrong here; the log has the request_id' };
  }
  const own = error instanceof Error && status === 415 ? error.message : undefined;
  return { status, code: codeOf(status), message: own ?? parserMessages[status] ?? 'The request can’t be handled' };
}

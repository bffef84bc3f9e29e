import { type ExpectedError, UnavailableError, UpstreamError } from '../lib/errors.ts';
import { NoTurnError } from '../lib/paceCalls.ts';
import { CircuitOpenError } from './GuardedHandler.ts';

const throttles: ReadonlySet<string> = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'LimitExceededException',
]);

/** The error's shape name in AWS's models, e.g. `AccessPointNotFound`. */
export function awsErrorName(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

export function isAwsError(error: unknown, ...names: readonly string[]): error is Error {
  return error instanceof Error && names.includes(error.name);
}

/** Throttling also comes in disguise: RunTask's has been seen as an InvalidParameterException. */
export function isThrottle(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return throttles.has(error.name) || statusOf(error) === 429 || /rate exceeded|throttl/i.test(error.message);
}

function statusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** No answer, or one that says that AWS itself is at fault: the next attempt may well succeed. */
export function mayPass(error: unknown): boolean {
  if (isAwsError(error, 'CredentialsProviderError', 'NoTurnError')) return false;
  if (error instanceof CircuitOpenError || isThrottle(error)) return false;
  return !isAnswer(error instanceof Error ? statusOf(error) : undefined);
}

/** 501: the endpoint doesn't have the operation, and never will while we wait. */
function isAnswer(status: number | undefined): boolean {
  return status !== undefined && status >= 300 && (status < 500 || status === 501);
}

/**
 * Any failure of an AWS call as one of ours; AWS's own words stay in the cause, which only the log sees.
 * Without an answer, or with a 5xx, what was asked for may have happened all the same.
 */
export function fromAwsError(error: unknown): ExpectedError {
  if (error instanceof NoTurnError) {
    const retryAfterSeconds = Math.ceil(error.retryAfterMs / 1000);
    return new UnavailableError('AWS takes only so many a second, and others wait; try again when Retry-After says', {
      cause: error,
      retryAfterSeconds,
    });
  }
  if (isThrottle(error)) {
    return new UnavailableError('AWS limits the rate of calls; try again in a moment', {
      cause: error,
      retryAfterSeconds: 3,
    });
  }
  if (isAwsError(error, 'AccessPointLimitExceeded')) {
    const message = 'The file system has no room for another workbench; destroy one, or ask its administrator';
    return new UnavailableError(message, { cause: error, code: 'no_capacity', retryAfterSeconds: 60 });
  }
  const status = error instanceof Error ? statusOf(error) : undefined;
  if (isAwsError(error, 'CredentialsProviderError')) {
    return new UpstreamError('The controller has no AWS credentials', { cause: error });
  }
  if (!isAnswer(status)) return new UnavailableError('AWS does not answer; try again in a moment', { cause: error });
  return new UpstreamError('AWS refused the call; the administrator finds the cause in the log', { cause: error });
}

/** Makes one AWS call. `expected` answers the refusals that the caller knows what to do with. */
export async function callAws<T>(call: () => Promise<T>, expected?: (error: unknown) => T | undefined): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const answer = isThrottle(error) ? undefined : expected?.(error);
    if (answer !== undefined) return answer;
    throw fromAwsError(error);
  }
}

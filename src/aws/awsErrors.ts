import { type ExpectedError, UnavailableError, UpstreamError } from '../lib/errors.ts';
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

/** The SDK's attempts at a call, which it notes on the error. */
function attemptsOf(error: Error): number {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('attempts' in metadata)) return 0;
  return Number(metadata.attempts);
}

/**
 * Any failure of an AWS call as one of ours; AWS's own words stay in the cause, which only the log sees.
 * Without an answer, or with a 5xx, what was asked for may have happened all the same.
 */
export function fromAwsError(error: unknown): ExpectedError {
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
  // 501: the endpoint doesn't have the operation, and never will while we wait.
  if (status === undefined || (status >= 500 && status !== 501) || status < 300) {
    const neverAsked = error instanceof CircuitOpenError && attemptsOf(error) <= 1;
    return new UnavailableError('AWS does not answer; try again in a moment', { cause: error, neverAsked });
  }
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

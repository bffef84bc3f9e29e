import { describe, expect, test } from '@jest/globals';
import { callAws, fromAwsError, isAwsError } from '../../src/aws/awsErrors.ts';
import { UnavailableError, UpstreamError } from '../../src/lib/errors.ts';

const SECRET = 'arn:aws:iam::123456789012:user/x is not authorized';

/** As the SDK throws it. */
function awsError(name: string, httpStatusCode?: number, message = SECRET): Error {
  const metadata = httpStatusCode === undefined ? { attempts: 3 } : { httpStatusCode, attempts: 1 };
  return Object.assign(new Error(message), { name, $metadata: metadata });
}

describe('an error of AWS', () => {
  test.each([
    ['ThrottlingException', awsError('ThrottlingException', 400, 'Rate exceeded'), UnavailableError, 3],
    ['EFS’s throttle', awsError('ThrottlingException', 429), UnavailableError, 3],
    ['any 429', awsError('Whatever', 429), UnavailableError, 3],
    ['TooManyRequestsException', awsError('TooManyRequestsException', 400), UnavailableError, 3],
    ['a throttle in disguise', awsError('InvalidParameterException', 400, 'Rate exceeded'), UnavailableError, 3],
    ['AccessPointLimitExceeded', awsError('AccessPointLimitExceeded', 403), UnavailableError, 60],
    ['ServerException', awsError('ServerException', 500), UnavailableError, 5],
    ['InternalServerError', awsError('InternalServerError', 500), UnavailableError, 5],
    ['ServiceUnavailable', awsError('ServiceUnavailable', 503), UnavailableError, 5],
    ['a timeout', awsError('TimeoutError'), UnavailableError, 5],
    ['a reset', awsError('Error', undefined, 'read ECONNRESET'), UnavailableError, 5],
    ['no metadata at all', new Error('socket hang up'), UnavailableError, 5],
    [
      'metadata without a status',
      Object.assign(new Error(''), { $metadata: { httpStatusCode: undefined } }),
      UnavailableError,
      5,
    ],
    ['something that is no error', 'text', UnavailableError, 5],
    ['an unreadable answer with 200', awsError('SyntaxError', 200), UnavailableError, 5],
    ['AccessDeniedException', awsError('AccessDeniedException', 400), UpstreamError, undefined],
    ['ClusterNotFoundException', awsError('ClusterNotFoundException', 400), UpstreamError, undefined],
    ['FileSystemNotFound', awsError('FileSystemNotFound', 404), UpstreamError, undefined],
    ['ExpiredTokenException', awsError('ExpiredTokenException', 403), UpstreamError, undefined],
    ['no credentials', awsError('CredentialsProviderError'), UpstreamError, undefined],
  ])('%s becomes ours, with its words in the cause alone', (_name, error, type, retryAfterSeconds) => {
    const ours = fromAwsError(error);
    expect(ours).toBeInstanceOf(type);
    expect(ours.cause).toBe(error);
    expect(ours.message).not.toContain('arn:');
    expect('retryAfterSeconds' in ours ? ours.retryAfterSeconds : undefined).toBe(retryAfterSeconds);
  });
});

describe('a call of AWS', () => {
  const fail = (error: Error) => async (): Promise<string> => {
    throw error;
  };

  test('that succeeds gives its answer', async () => {
    await expect(callAws(async () => 'yes')).resolves.toBe('yes');
  });

  test('that fails as expected gives what the caller makes of it', async () => {
    const gone = (error: unknown) => (isAwsError(error, 'AccessPointNotFound') ? 'gone' : undefined);
    await expect(callAws(fail(awsError('AccessPointNotFound', 404)), gone)).resolves.toBe('gone');
    await expect(callAws(fail(awsError('FileSystemNotFound', 404)), gone)).rejects.toBeInstanceOf(UpstreamError);
  });

  test('that is throttled under an expected name is not taken for the expected', async () => {
    const throttled = awsError('ClientException', 400, 'Rate exceeded');
    await expect(callAws(fail(throttled), () => 'gone')).rejects.toBeInstanceOf(UnavailableError);
  });
});

import { awsErrorName } from '../aws/awsErrors.ts';
import { type Finding, failed } from './Finding.ts';

const badCredentials: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

export function isCredentialsError(error: unknown): boolean {
  return badCredentials.has(awsErrorName(error) ?? '');
}

/** A call that AWS did not answer as hoped. @param action as policies name it, e.g. `ecs:DescribeClusters` */
export function refused(check: string, action: string, error: unknown): Finding {
  const name = awsErrorName(error) ?? 'Error';
  const message = error instanceof Error ? error.message : String(error);
  if (isCredentialsError(error)) {
    return failed(check, `AWS does not take the credentials (${name}: ${message})`, credentialsRemedy);
  }
  if (/AccessDenied|NotAuthorized|Unauthorized/i.test(`${name} ${message}`)) {
    return failed(check, `${action} is not allowed`, 'Allow it as docs/iam-policy.json does');
  }
  if (/Throttl|TooManyRequests|Rate exceeded/i.test(`${name} ${message}`)) {
    return failed(check, `AWS limits the rate of calls now (${action})`, 'Run this again in a minute');
  }
  const status: unknown = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  const answered = typeof status === 'object' && status !== null && 'httpStatusCode' in status && status.httpStatusCode;
  if (answered) return failed(check, `AWS refuses ${action} (${name}: ${message})`, 'Put right what AWS names');
  return failed(
    check,
    `AWS does not answer ${action} (${message || name})`,
    'Check AWS_REGION, AWS_ENDPOINT_URL, the proxy and the way out of this network',
  );
}

export const credentialsRemedy =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the host a role, and look at the clock';

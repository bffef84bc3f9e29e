import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { EFSClient } from '@aws-sdk/client-efs';
import type { Context } from '../lib/Context.ts';
import { isThrottle } from './awsErrors.ts';
import { GuardedHandler } from './GuardedHandler.ts';

const ATTEMPTS = 3;

/** Given one with `info`, the SDK copies every answer for it, which takes a third of the time of a page of access points. */
const silent = { trace() {}, debug() {}, warn() {}, error() {} } as unknown as NonNullable<ECSClientConfig['logger']>;

export type ClientsConfig = Readonly<{
  /** Undefined: what the SDK finds in its environment and files. */
  region: string | undefined;
  ecsEndpoint: string | undefined;
  efsEndpoint: string | undefined;
  logsEndpoint: string | undefined;
  credentials: Readonly<{ accessKeyId: string; secretAccessKey: string }> | undefined;
}>;

export type Clients = Readonly<{
  ecs: ECSClient;
  efs: EFSClient;
  /** Those make one attempt a call: for calls that are repeated by whoever makes them. */
  once: Readonly<{ ecs: ECSClient; efs: EFSClient; logs: CloudWatchLogsClient }>;
  /** How often ECS has throttled a call that the SDK repeats. */
  throttles: () => number;
}>;

/**
 * The SDK's clients: retries with jitter under the SDK's retry budget, and bounded waits. Not its adaptive mode: after a
 * throttle that holds calls back in a queue without end, down to one in two seconds, and callers wait for minutes.
 */
export function createClients(
  { region, ecsEndpoint, efsEndpoint, logsEndpoint, credentials }: ClientsConfig,
  context: Pick<Context, 'clock' | 'timings'>,
): Clients {
  const { connectTimeoutMs: connectionTimeout, requestTimeoutMs: requestTimeout } = context.timings;
  const timeouts = { connectionTimeout, requestTimeout, throwOnRequestTimeout: true, socketTimeout: requestTimeout };
  const [ecsHandler, efsHandler] = [new GuardedHandler(timeouts, context), new GuardedHandler(timeouts, context)];
  const shared = (requestHandler: GuardedHandler, maxAttempts: number) => ({
    ...(region ? { region } : {}),
    ...(credentials ? { credentials } : {}),
    maxAttempts,
    logger: silent,
    retryMode: 'standard',
    requestHandler,
  });
  const ecs = (attempts: number) =>
    new ECSClient({ ...shared(ecsHandler, attempts), ...(ecsEndpoint ? { endpoint: ecsEndpoint } : {}) });
  const efs = (attempts: number) =>
    new EFSClient({ ...shared(efsHandler, attempts), ...(efsEndpoint ? { endpoint: efsEndpoint } : {}) });
  const logs = new CloudWatchLogsClient({
    ...shared(new GuardedHandler(timeouts, context), 1),
    ...(logsEndpoint ? { endpoint: logsEndpoint } : {}),
  });
  const clients = { ecs: ecs(ATTEMPTS), efs: efs(ATTEMPTS), once: { ecs: ecs(1), efs: efs(1), logs } };
  let throttled = 0;
  // Within the SDK's retries: each attempt passes here.
  clients.ecs.middlewareStack.add(
    (next) => async (attempt) => {
      try {
        return await next(attempt);
      } catch (error) {
        if (isThrottle(error)) throttled += 1;
        throw error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'countThrottles' },
  );
  return { ...clients, throttles: () => throttled };
}

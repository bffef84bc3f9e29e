import type { HealthCheck, HealthStatus } from './ContainerRuntime.ts';

export type HealthMonitor = Readonly<{ status(): HealthStatus; stop(): void }>;

/**
 * Follows a container's health as ECS does: one success makes it healthy, `retries` failures in a row make it
 * unhealthy, and failures within the start period don't count.
 * @param check runs the command once and tells whether it succeeded; it keeps to the timeout itself
 */
export function startHealthMonitor(
  healthCheck: HealthCheck | undefined,
  check: () => Promise<boolean>,
  now: () => number,
): HealthMonitor {
  if (healthCheck === undefined || healthCheck.command[0] === 'NONE') return { status: () => 'UNKNOWN', stop() {} };
  const { intervalSeconds, retries, startPeriodSeconds } = healthCheck;
  const startedAt = now();
  let status: HealthStatus = 'UNKNOWN';
  let failures = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function round(): Promise<void> {
    const succeeded = await check().catch(() => false);
    if (stopped) return;
    if (succeeded) {
      failures = 0;
      status = 'HEALTHY';
    } else if (status === 'HEALTHY' || now() - startedAt >= startPeriodSeconds * 1000) {
      failures += 1;
      if (failures >= retries) status = 'UNHEALTHY';
    }
    timer = setTimeout(() => void round(), intervalSeconds * 1000);
  }

  // Docker waits for one interval first; a local task is up sooner than that, and who waits for it is a person.
  void round();
  return {
    status: () => status,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

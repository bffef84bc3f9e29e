import type { ContainerSpec } from './ContainerRuntime.ts';
import { healthCheckArguments } from './healthCheckArguments.ts';
import { spawnGroup } from './spawnGroup.ts';

/** Runs the check's command once beside the task, within its timeout. */
export async function runHealthCheck(
  spec: ContainerSpec,
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<boolean> {
  if (spec.healthCheck === undefined) return false;
  const { command, timeoutSeconds } = spec.healthCheck;
  const group = await spawnGroup({ argv: healthCheckArguments(command), cwd, environment, output: undefined });
  const timeout = setTimeout(() => group.signal('SIGKILL'), timeoutSeconds * 1000);
  const exitCode = await group.exited;
  clearTimeout(timeout);
  return exitCode === 0;
}

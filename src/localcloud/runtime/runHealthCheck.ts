import type { ContainerSpec } from './ContainerRuntime.ts';
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

/** `["CMD", program, argument…]`, or `["CMD-SHELL", line]`, or a bare line: as Docker has it. */
function healthCheckArguments([kind, ...rest]: readonly string[]): string[] {
  if (kind === 'CMD') return rest;
  return ['/bin/sh', '-c', (kind === 'CMD-SHELL' ? rest : [kind, ...rest]).join(' ')];
}

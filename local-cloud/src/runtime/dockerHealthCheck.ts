import { setTimeout as delay } from 'node:timers/promises';
import type { Container } from 'dockerode';
import type { ContainerSpec } from './ContainerRuntime.ts';
import { healthCheckArguments } from './healthCheckArguments.ts';

/** Runs the check's command once inside the container. By itself an engine may never do so: Podman needs systemd. */
export async function runDockerHealthCheck(container: Container, { healthCheck }: ContainerSpec): Promise<boolean> {
  if (healthCheck === undefined) return false;
  const exec = await container.exec({
    Cmd: healthCheckArguments(healthCheck.command),
    AttachStdout: true,
    AttachStderr: true,
  });
  const output = await exec.start({});
  const timeout = new AbortController();
  const ended = new Promise<boolean>((resolve, reject) => {
    output.once('end', () => resolve(true));
    output.once('error', reject);
    output.resume();
  });
  const late = delay(healthCheck.timeoutSeconds * 1000, false, { signal: timeout.signal });
  late.catch(() => {});
  try {
    if (!(await Promise.race([ended, late]))) return false;
    return (await exec.inspect()).ExitCode === 0;
  } finally {
    timeout.abort();
    output.destroy();
  }
}

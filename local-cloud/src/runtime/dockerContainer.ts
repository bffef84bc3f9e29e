import { setTimeout as delay } from 'node:timers/promises';
import type { Container, ContainerInspectInfo } from 'dockerode';
import type { Logger } from '../Logger.ts';
import type { ContainerExit, ContainerSpec, PortBinding, RunningContainer } from './ContainerRuntime.ts';
import { type ContainerEngine, engineStatus } from './dockerEngine.ts';
import { runDockerHealthCheck } from './dockerHealthCheck.ts';
import { startHealthMonitor } from './healthMonitor.ts';

export type DockerContainer = RunningContainer & Readonly<{ stopWithin(graceMs: number): Promise<void> }>;

export type DockerContainerOptions = Readonly<{
  engine: ContainerEngine;
  spec: ContainerSpec;
  logger: Logger;
  /** Ends the waiting for an engine that doesn't answer any more. */
  abandoned: AbortSignal;
}>;

const askAgainMs = 1_000;
/** What ECS gives as the reason. */
const memoryKill = 'OutOfMemoryError: Container killed due to memory usage';
const killed = 137;

/** Follows a container that was started a moment ago. */
export async function followContainer(
  container: Container,
  { engine, spec, logger, abandoned }: DockerContainerOptions,
): Promise<DockerContainer> {
  const started = await container.inspect();
  const signal = stopSignalOf(started);
  const health = startHealthMonitor(spec.healthCheck, () => runDockerHealthCheck(container, spec), Date.now);
  let killedByUs = false;

  const exited = untilExit().then((exit) => {
    health.stop();
    return exit;
  });

  async function untilExit(): Promise<ContainerExit> {
    let silent = false;
    while (!abandoned.aborted) {
      try {
        await container.wait({ abortSignal: abandoned });
        return exitOf(await container.inspect());
      } catch (error) {
        if (engineStatus(error) === 404) return { exitCode: undefined, reason: 'The container was removed' };
        // The engine may be restarting: the containers end with it, or don't, and it knows.
        if (!silent && !abandoned.aborted) logger.warn({ err: error, taskId: spec.taskId }, 'container out of sight');
        silent = true;
        await delay(askAgainMs, undefined, { signal: abandoned }).catch(() => {});
      }
    }
    return { exitCode: undefined, reason: 'The container engine does not answer' };
  }

  function exitOf({ State }: ContainerInspectInfo): ContainerExit {
    const { ExitCode: exitCode, OOMKilled, Running } = State;
    if (Running) throw new Error('The container still runs');
    const outOfMemory = OOMKilled || (!engine.reportsMemoryKills && exitCode === killed && !killedByUs);
    return { exitCode, reason: outOfMemory ? memoryKill : undefined };
  }

  /** Not the engine's own stop: Podman holds the container's lock meanwhile, and nobody could hurry it. */
  async function send(name: string): Promise<void> {
    await container.kill({ signal: name }).catch((error: unknown) => {
      // 404 and 409: it has ended. Podman says 500.
      if (engineStatus(error) === undefined) logger.warn({ err: error, taskId: spec.taskId }, `${name} not delivered`);
    });
  }

  async function stopWithin(graceMs: number): Promise<void> {
    const kill = setTimeout(() => {
      killedByUs = true;
      void send('SIGKILL');
    }, graceMs);
    await Promise.race([exited, send(signal)]);
    await exited;
    clearTimeout(kill);
  }

  return {
    runtimeId: container.id,
    ports: publishedPorts(started),
    health: () => health.status(),
    exited,
    stop: () => stopWithin(spec.stopTimeoutSeconds * 1000),
    stopWithin,
  };
}

function publishedPorts({ NetworkSettings }: ContainerInspectInfo): PortBinding[] {
  return Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) => {
    const hostPort = Number(bindings?.[0]?.HostPort ?? 0);
    return hostPort > 0 ? [{ containerPort: Number.parseInt(port, 10), hostPort }] : [];
  });
}

/** What the image asks for; the client's types don't know it. */
function stopSignalOf({ Config }: ContainerInspectInfo): string {
  return 'StopSignal' in Config && typeof Config.StopSignal === 'string' && Config.StopSignal !== ''
    ? Config.StopSignal
    : 'SIGTERM';
}

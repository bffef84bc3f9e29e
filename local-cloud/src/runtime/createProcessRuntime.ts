import { mkdir, open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from '../Logger.ts';
import { type BootScript, createBootScript } from './bootScript.ts';
import {
  type ContainerExit,
  type ContainerRuntime,
  type ContainerSpec,
  ContainerStartError,
  type PortBinding,
  type RunningContainer,
} from './ContainerRuntime.ts';
import { createFreePorts, type FreePorts } from './freePorts.ts';
import { startHealthMonitor } from './healthMonitor.ts';
import { processEnvironment } from './processEnvironment.ts';
import { runHealthCheck } from './runHealthCheck.ts';
import { type ProcessGroup, spawnGroup } from './spawnGroup.ts';
import { createTaskFolder, emptyTaskFolder, type TaskFolder } from './taskFolder.ts';

export type ProcessRuntimeOptions = Readonly<{
  /** Holds `tasks/<taskId>/` (a task's log, home and mounts) and `bin/`. */
  dir: string;
  logger: Logger;
  nodePath: string;
  /** The default web workbench's server.js. */
  workbenchScript: string;
  freePorts?: FreePorts;
  /** Of tasks that have ended, the last so many. */
  mostLogs?: number;
}>;

/** How long `close()` waits before it kills, whatever the tasks' own stop timeouts are. */
const closeGraceMs = 2_000;

/**
 * Runs tasks as processes of the current user, on Linux and macOS, without privileges. There is no image, no file
 * system of their own, no other user, and **no limit on memory or CPU**: this isolates nothing from nobody.
 */
export function createProcessRuntime(options: ProcessRuntimeOptions): ContainerRuntime {
  const { logger, nodePath, mostLogs = 1_000 } = options;
  const directory = resolve(options.dir);
  const tasksFolder = join(directory, 'tasks');
  const freePorts = options.freePorts ?? createFreePorts();
  const running = new Set<ProcessGroup>();
  const unfinished = new Set<Promise<void>>();
  /** Of tasks that have ended, in that order. */
  const logs = new Set<string>();
  let bootScript: BootScript | undefined;

  async function launch(spec: ContainerSpec): Promise<RunningContainer> {
    if (bootScript === undefined) throw new Error('The runtime is not open');
    const folder = await createTaskFolder(tasksFolder, spec);
    const ports: PortBinding[] = [];
    const giveBackPorts = (): void => freePorts.giveBack(ports.map(({ hostPort }) => hostPort));
    for (const containerPort of spec.containerPorts) ports.push({ containerPort, hostPort: await freePorts.take() });
    const environment = processEnvironment(spec, folder, ports, nodePath);
    const argv = bootScript([...spec.entryPoint, ...spec.command]);

    const file = spec.log ? undefined : await open(folder.log, 'a');
    const group = await spawnGroup({ argv, cwd: folder.path, environment, output: spec.log ?? file?.fd })
      .catch((error: unknown) => {
        giveBackPorts();
        throw error;
      })
      .finally(() => file?.close());
    running.add(group);
    logger.debug({ taskId: spec.taskId, family: spec.family, pid: group.pid, log: folder.log }, 'process started');
    const health = startHealthMonitor(spec.healthCheck, () => runHealthCheck(spec, folder.path, environment), Date.now);

    const exited = group.exited.then((exitCode): ContainerExit => {
      running.delete(group);
      health.stop();
      giveBackPorts();
      logger.debug({ taskId: spec.taskId, pid: group.pid, exitCode }, 'process ended');
      tidyUp(folder);
      return { exitCode, reason: undefined };
    });
    return {
      runtimeId: `${spec.taskId}-${group.pid}`,
      ports,
      health: () => health.status(),
      exited,
      stop: () => stop(group, spec.stopTimeoutSeconds * 1000),
    };
  }

  function tidyUp(folder: TaskFolder): void {
    const work = emptyTaskFolder(folder)
      .then(() => dropLogs(folder.path))
      .catch((error: unknown) => logger.warn({ err: error, folder: folder.path }, 'task folder not emptied'))
      .finally(() => unfinished.delete(work));
    unfinished.add(work);
  }

  async function dropLogs(newest: string): Promise<void> {
    logs.add(newest);
    for (const path of logs) {
      if (logs.size <= mostLogs) return;
      logs.delete(path);
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  return {
    async open() {
      await rm(tasksFolder, { recursive: true, force: true, maxRetries: 5 });
      await mkdir(tasksFolder, { recursive: true });
      bootScript = await createBootScript(join(directory, 'bin'), nodePath, options.workbenchScript);
    },
    async prepare() {},
    async start(spec) {
      try {
        return await launch(spec);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new ContainerStartError(`CannotStartContainerError: ${message}`, { cause: error });
      }
    },
    async close() {
      await Promise.all([...running].map((group) => stop(group, closeGraceMs)));
      await Promise.all(unfinished);
    },
  };
}

async function stop(group: ProcessGroup, graceMs: number): Promise<void> {
  group.signal('SIGTERM');
  const kill = setTimeout(() => group.signal('SIGKILL'), graceMs);
  await group.exited;
  clearTimeout(kill);
}

import { createWriteStream } from 'node:fs';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Container } from 'dockerode';
import type { Logger } from '../Logger.ts';
import {
  type ContainerLog,
  type ContainerRuntime,
  type ContainerSpec,
  ContainerStartError,
  type RunningContainer,
} from './ContainerRuntime.ts';
import { type DockerContainer, followContainer } from './dockerContainer.ts';
import { directoryLabel, dockerContainerOptions } from './dockerContainerOptions.ts';
import { type ContainerEngine, connectToEngine, engineMessage } from './dockerEngine.ts';
import { giveFolders } from './dockerFolders.ts';
import { DockerImages } from './dockerImages.ts';

export type DockerRuntimeOptions = Readonly<{
  /** Holds `tasks/<taskId>/log`. Its real path tells this local cloud's containers from all others. */
  dir: string;
  logger: Logger;
  progressEveryMs?: number;
}>;

/** How long `close()` waits before it kills, whatever the tasks' own stop timeouts are. */
const closeGraceMs = 2_000;
/** After that the engine is taken to have died before us. */
const engineGraceMs = 5_000;
const keptLogLines = 5_000;

/**
 * Runs tasks as containers, by the Docker API of Docker or Podman on this host. They outlive a killed controller: the
 * next `open()` of the same folder removes them.
 */
export function createDockerRuntime({ dir, logger, progressEveryMs = 5_000 }: DockerRuntimeOptions): ContainerRuntime {
  const running = new Set<DockerContainer>();
  const closing = new AbortController();
  const abandoned = new AbortController();
  let opened: Readonly<{ engine: ContainerEngine; directory: string; images: DockerImages }> | undefined;

  function ready(): NonNullable<typeof opened> {
    if (opened === undefined) throw new Error('The runtime is not open');
    return opened;
  }

  async function removeLeftovers({ docker }: ContainerEngine, directory: string): Promise<void> {
    const filters = { label: [`${directoryLabel}=${directory}`] };
    const leftovers = await docker.listContainers({ all: true, filters });
    await Promise.all(leftovers.map(({ Id }) => remove(docker.getContainer(Id))));
    if (leftovers.length > 0) logger.warn({ containers: leftovers.length }, 'removed what a killed run left behind');
  }

  async function remove(container: Container): Promise<void> {
    await container
      .remove({ force: true, v: true })
      .catch((error: unknown) => logger.warn({ container: container.id, reason: engineMessage(error) }, 'not removed'));
  }

  async function launch(container: Container, spec: ContainerSpec): Promise<RunningContainer> {
    const { engine, images } = ready();
    const imageDigest = await images.digestOf(spec.image).catch(() => undefined);
    await container.start();
    const printed =
      spec.log &&
      passOn(container, spec.log).catch((error: unknown) =>
        logger.warn({ err: error, taskId: spec.taskId }, 'log lost'),
      );
    const followed = await followContainer(container, { engine, spec, logger, abandoned: abandoned.signal });
    logger.debug({ taskId: spec.taskId, family: spec.family, container: container.id }, 'container started');
    const exited = followed.exited.then(async (exit) => {
      logger.debug({ taskId: spec.taskId, container: container.id, ...exit }, 'container ended');
      // What the engine hasn't told by then, it won't.
      await Promise.race([printed, delay(engineGraceMs, undefined, { ref: false })]);
      await tidyUp(container, spec);
      running.delete(tidied);
      return exit;
    });
    const tidied = { ...followed, imageDigest, exited };
    running.add(tidied);
    return tidied;
  }

  /** Keeps the log, for whoever wonders why the task ended. A task has ended when nothing is left of its container. */
  async function tidyUp(container: Container, { taskId, log }: ContainerSpec): Promise<void> {
    if (abandoned.signal.aborted) return;
    if (!log) {
      await keepLog(container, join(dir, 'tasks', taskId)).catch((error: unknown) =>
        logger.warn({ err: error, taskId }, 'log not kept'),
      );
    }
    await remove(container);
  }

  return {
    async open() {
      const engine = await connectToEngine();
      const tasks = join(dir, 'tasks');
      await rm(tasks, { recursive: true, force: true, maxRetries: 5 });
      await mkdir(tasks, { recursive: true });
      const directory = await realpath(dir);
      await removeLeftovers(engine, directory);
      const images = new DockerImages({ docker: engine.docker, logger, signal: closing.signal, progressEveryMs });
      opened = { engine, directory, images };
      logger.info({ engine: engine.name }, 'tasks run as containers');
    },
    async prepare(spec) {
      await ready().images.ensure(spec.image);
    },
    async start(spec) {
      const { engine, directory } = ready();
      const container = await inWordsOfEcs('CannotCreateContainerError', async () => {
        await giveFolders(engine, spec, directory, logger);
        return await engine.docker.createContainer(dockerContainerOptions(spec, directory, engine.cpus));
      });
      try {
        return await inWordsOfEcs('CannotStartContainerError', () => launch(container, spec));
      } catch (error) {
        await remove(container);
        throw error;
      }
    },
    async close() {
      closing.abort();
      const patience = setTimeout(() => abandoned.abort(), closeGraceMs + engineGraceMs);
      await Promise.all([...running].flatMap((container) => [container.stopWithin(closeGraceMs), container.exited]));
      clearTimeout(patience);
    },
  };
}

async function inWordsOfEcs<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ContainerStartError(`${name}: ${engineMessage(error)}`, { cause: error });
  }
}

/** Until the container has ended, or the engine goes away. */
async function passOn(container: Container, { stdout, stderr }: ContainerLog): Promise<void> {
  const output = await container.logs({ follow: true, stdout: true, stderr: true });
  container.modem.demuxStream(output, stdout, stderr);
  await finished(output as Readable, { writable: false });
}

async function keepLog(container: Container, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = createWriteStream(join(folder, 'log'));
  const output = await container.logs({ follow: true, stdout: true, stderr: true, tail: keptLogLines });
  container.modem.demuxStream(output, file, file);
  output.once('end', () => file.end());
  await finished(file);
}

import type Docker from 'dockerode';
import type { Logger } from '../Logger.ts';
import { ContainerStartError } from './ContainerRuntime.ts';
import { engineMessage } from './dockerEngine.ts';
import { type PullEvent, PullProgress } from './dockerPullProgress.ts';

export type DockerImagesOptions = Readonly<{
  docker: Docker;
  logger: Logger;
  /** Gives running pulls up. */
  signal: AbortSignal;
  progressEveryMs: number;
}>;

/** The images that tasks need, on the engine. */
export class DockerImages {
  readonly #options: DockerImagesOptions;
  readonly #pulls = new Map<string, Promise<void>>();

  constructor(options: DockerImagesOptions) {
    this.#options = options;
  }

  /**
   * Pulls the image, unless it is there under a tag that stays what it is. As on EC2 instances of ECS, a failed pull
   * doesn't matter if an image of that name is there: one that was built here, or pulled by somebody with a login.
   * @throws ContainerStartError `CannotPullContainerError: …`
   */
  async ensure(reference: string): Promise<void> {
    const image = withTag(reference);
    const present = await this.#isPresent(image);
    if (present && !image.endsWith(':latest')) return;
    let pull = this.#pulls.get(image);
    if (pull === undefined) {
      pull = this.#pull(image).finally(() => this.#pulls.delete(image));
      this.#pulls.set(image, pull);
    }
    try {
      await pull;
    } catch (error) {
      const message = engineMessage(error);
      if (!present) throw new ContainerStartError(`CannotPullContainerError: ${message}`, { cause: error });
      this.#options.logger.warn({ image, reason: message }, 'image not pulled: the one that is there serves');
    }
  }

  /** The manifest's that a registry gave; none for an image that was built here. */
  async digestOf(reference: string): Promise<string | undefined> {
    const { RepoDigests = [] } = await this.#options.docker.getImage(withTag(reference)).inspect();
    return RepoDigests[0]?.split('@')[1];
  }

  async #isPresent(image: string): Promise<boolean> {
    return await this.#options.docker
      .getImage(image)
      .inspect()
      .then(
        () => true,
        () => false,
      );
  }

  async #pull(image: string): Promise<void> {
    const { docker, logger, signal, progressEveryMs } = this.#options;
    const startedAt = performance.now();
    const seconds = (): number => Math.round((performance.now() - startedAt) / 1000);
    const progress = new PullProgress();
    logger.info({ image }, 'pulling the image');
    const reports = setInterval(
      () => logger.info({ image, ...progress.summary(), seconds: seconds() }, 'pulling the image'),
      progressEveryMs,
    );
    try {
      const stream = await docker.pull(image, { abortSignal: signal });
      await followPull(docker, stream, progress);
      logger.info({ image, ...progress.summary(), seconds: seconds() }, 'image pulled');
    } finally {
      clearInterval(reports);
    }
  }
}

/** HTTP 200 is said before the first byte is pulled: failures come as events. */
function followPull(docker: Docker, stream: NodeJS.ReadableStream, progress: PullProgress): Promise<void> {
  return new Promise((resolve, reject) => {
    let refusal: string | undefined;
    docker.modem.followProgress(
      stream,
      (error) => {
        const failure = error ?? (refusal === undefined ? undefined : new Error(refusal));
        if (failure) reject(failure);
        else resolve();
      },
      (event: PullEvent) => {
        refusal ??= event.error;
        progress.add(event);
      },
    );
  });
}

/** Without a tag an engine would pull all there are. */
function withTag(reference: string): string {
  return /[:@][^/]+$/.test(reference) ? reference : `${reference}:latest`;
}

import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { RuntimeUnavailableError } from './ContainerRuntime.ts';

export type ContainerEngine = Readonly<{
  docker: Docker;
  /** For the log, e.g. `Docker Engine - Community 28.3.0`. */
  name: string;
  cpus: number;
  /** Its containers' users are not those of the host. */
  rootless: boolean;
  /** Podman before 5 loses the kernel's word that it killed a container for its memory. */
  reportsMemoryKills: boolean;
}>;

/** A busy engine takes seconds; one that is not there says so at once. */
const patienceMs = 30_000;

/** Finds the engine where `DOCKER_HOST` says, or at the default socket. @throws RuntimeUnavailableError */
export async function connectToEngine(): Promise<ContainerEngine> {
  try {
    const docker = new Docker();
    const [info, version] = await withinPatience(Promise.all([docker.info(), docker.version()]));
    const product = version.Components?.[0]?.Name ?? 'Docker';
    return {
      docker,
      name: `${product} ${version.Version}`,
      cpus: info.NCPU,
      rootless: (info.SecurityOptions as readonly string[] | undefined)?.some((o) => o.includes('rootless')) ?? false,
      reportsMemoryKills: !/podman/i.test(product),
    };
  } catch (error) {
    throw new RuntimeUnavailableError(
      `WB_LOCAL_RUNTIME=docker: no Docker API answers (${reasonOf(error)}). Start Docker, or Podman's service; ` +
        'name its socket in DOCKER_HOST if it is not the default one; or take WB_LOCAL_RUNTIME=process.',
      { cause: error },
    );
  }
}

async function withinPatience<T>(answer: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const timeout = delay(patienceMs, undefined, { signal: patience.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${patienceMs / 1000} s`);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    timeout.catch(() => {});
    patience.abort();
  }
}

/** For `localhost` there are two addresses, hence two failures. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return engineMessage(error);
}

/** The engine's own words, without what the client puts around them. */
export function engineMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/^\(HTTP code \d+\) [\w ]+ - /, '').trim();
}

/** The HTTP status of a refusal; undefined where there was no answer. */
export function engineStatus(error: unknown): number | undefined {
  const status: unknown = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

import type { Writable } from 'node:stream';

/** Takes what a container prints. Each output has lines of its own. */
export type ContainerLog = Readonly<{ stdout: Writable; stderr: Writable }>;

/** A folder of the host that a container sees under a path of its own. */
export type Mount = Readonly<{ source: string; containerPath: string; readOnly: boolean }>;

export type HealthCheck = Readonly<{
  command: readonly string[];
  intervalSeconds: number;
  timeoutSeconds: number;
  retries: number;
  startPeriodSeconds: number;
}>;

/** What the ECS part asks a runtime to run: one container, resolved from task definition and overrides. */
export type ContainerSpec = Readonly<{
  taskId: string;
  /** Task definition family, for labels and logs. */
  family: string;
  name: string;
  image: string;
  entryPoint: readonly string[];
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  mounts: readonly Mount[];
  /** The access point's POSIX user. Runtimes without privileges ignore it. */
  user: Readonly<{ uid: number; gid: number }> | undefined;
  containerPorts: readonly number[];
  /** Fargate units: 1024 is one vCPU. */
  cpu: number;
  memoryMiB: number;
  /** How long the container has between SIGTERM and SIGKILL. */
  stopTimeoutSeconds: number;
  healthCheck: HealthCheck | undefined;
  /** Ended by whoever gave it. Undefined: the runtime keeps what the container prints, for people. */
  log?: ContainerLog | undefined;
}>;

/** `reason` is ECS's `containers[].reason`, e.g. `OutOfMemoryError: Container killed due to memory usage`. */
export type ContainerExit = Readonly<{ exitCode: number | undefined; reason: string | undefined }>;

export type PortBinding = Readonly<{ containerPort: number; hostPort: number }>;

export type HealthStatus = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';

export type RunningContainer = Readonly<{
  runtimeId: string;
  /** Of the image's manifest, where there is an image: `sha256:…`. */
  imageDigest?: string | undefined;
  /** All on 127.0.0.1. */
  ports: readonly PortBinding[];
  /** UNKNOWN without a health check, and until the first one that counts. */
  health(): HealthStatus;
  /** Settles when the container has ended, whoever ended it, and its log has all of it. Never rejects. */
  exited: Promise<ContainerExit>;
  /** SIGTERM, the stop timeout, SIGKILL to everything the container started. Resolves when it has ended. */
  stop(): Promise<void>;
}>;

/** The container could not be started; `message` is in ECS's words, e.g. `CannotPullContainerError: …`. */
export class ContainerStartError extends Error {}

/** There is nothing to run containers in; the message tells what to do about it. */
export class RuntimeUnavailableError extends Error {}

/** Where the local cloud's tasks really run. */
export interface ContainerRuntime {
  /** Clears what an earlier, killed run left behind. @throws RuntimeUnavailableError */
  open(): Promise<void>;
  /** Fetches what the container needs; the task is PENDING meanwhile. @throws ContainerStartError */
  prepare(spec: ContainerSpec): Promise<void>;
  /** @throws ContainerStartError */
  start(spec: ContainerSpec): Promise<RunningContainer>;
  /** Ends every container, soon: whoever ignores SIGTERM is killed after a short while. May be called twice. */
  close(): Promise<void>;
}

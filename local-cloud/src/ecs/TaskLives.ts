import { setMaxListeners } from 'node:events';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerSpec, RunningContainer } from '../runtime/ContainerRuntime.ts';
import { ContainerStartError } from '../runtime/ContainerRuntime.ts';
import { containerSpec } from './containerSpec.ts';
import type { EcsDependencies } from './EcsDependencies.ts';
import { logDestinationOf } from './logging.ts';
import type { StopCode, Task, TaskStatus } from './Task.ts';

type Surroundings = Pick<EcsDependencies, 'timing' | 'runtime' | 'mountSource' | 'openLog' | 'logger' | 'now'> &
  Readonly<{ onStopped(task: Task): void }>;

/** Leads every task through its states, up to RUNNING and down to STOPPED. */
export class TaskLives {
  readonly #living = new Map<Task, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #around: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#around = surroundings;
    // Thousands of tasks may wait for it at once.
    setMaxListeners(0, this.#closing.signal);
  }

  begin(task: Task): void {
    const life = this.#live(task)
      .catch((error: unknown) => this.#around.logger.error({ err: error, taskId: task.id }, 'task lost'))
      .finally(() => this.#living.delete(task));
    this.#living.set(task, life);
  }

  /** Turns the task towards its end; the first reason given is the one that stays. */
  stop(task: Task, code: StopCode, reason: string): void {
    if (task.desiredStatus === 'STOPPED') return;
    task.desiredStatus = 'STOPPED';
    task.stopCode = code;
    task.stoppedReason = reason;
    task.stoppingAt = this.#around.now();
    task.version += 1;
    task.stopping.abort();
  }

  /** Ends every task at once, without the pauses between the states. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const task of this.#living.keys()) this.stop(task, 'TerminationNotice', 'The local cloud is closing');
    // Also those whose container was only just being started.
    while (this.#living.size > 0) {
      await this.#around.runtime.close();
      await Promise.race([Promise.all(this.#living.values()), delay(20)]);
    }
    await this.#around.runtime.close();
  }

  async #live(task: Task): Promise<void> {
    const container = await this.#bringUp(task);
    if (container !== undefined) {
      const ended = container.exited.then(() => this.stop(task, 'EssentialContainerExited', exitedByItself));
      await this.#untilRunning(task);
      await Promise.race([ended, aborted(task.stopping.signal)]);
      await this.#takeDown(task, container);
    }
    await this.#endLog(task);
    this.#enter(task, 'DEPROVISIONING');
    await this.#pause(this.#around.timing.current.deprovisioningMs, this.#closing.signal);
    this.#finish(task);
  }

  /** Up to a started container, unless the task is stopped first or can't start. */
  async #bringUp(task: Task): Promise<RunningContainer | undefined> {
    const { timing, runtime, now } = this.#around;
    const { signal } = task.stopping;
    await this.#pause(timing.current.provisioningMs, signal);
    if (signal.aborted) return undefined;
    this.#enter(task, 'PENDING');
    task.connectivityAt = now();
    try {
      const spec = { ...this.#resolve(task), log: this.#openLog(task) };
      task.pullStartedAt = now();
      // A pull may take minutes; who stops the task doesn't wait for it.
      await Promise.race([runtime.prepare(spec), aborted(signal)]);
      await this.#pause(timing.current.pendingMs, signal);
      if (signal.aborted) return undefined;
      task.pullStoppedAt = now();
      task.container = await runtime.start(spec);
      task.ports = task.container.ports;
      return task.container;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof ContainerStartError)) {
        this.#around.logger.error({ err: error, taskId: task.id }, 'runtime failed');
      }
      task.exitReason = message;
      this.stop(task, 'TaskFailedToStart', message);
      return undefined;
    }
  }

  #resolve(task: Task): ContainerSpec {
    try {
      return containerSpec(task, this.#around.mountSource);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ContainerStartError(
        `ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: ${message}`,
        { cause: error },
      );
    }
  }

  #openLog(task: Task): Task['log'] {
    const destination = logDestinationOf(task);
    if (destination === undefined) return undefined;
    try {
      task.log = this.#around.openLog(destination);
      return task.log;
    } catch (error) {
      const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new ContainerStartError(
        `ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ${words}`,
        { cause: error },
      );
    }
  }

  /** Then all that was printed can be read. */
  async #endLog(task: Task): Promise<void> {
    if (task.log === undefined) return;
    const { stdout, stderr } = task.log;
    await Promise.all([stdout, stderr].map((output) => finished(output.end()))).catch((error: unknown) =>
      this.#around.logger.warn({ err: error, taskId: task.id }, 'log not kept'),
    );
  }

  async #untilRunning(task: Task): Promise<void> {
    const { timing, now } = this.#around;
    if (task.stopping.signal.aborted) return;
    this.#enter(task, 'ACTIVATING');
    await this.#pause(timing.current.activatingMs, task.stopping.signal);
    // One that ended before it was RUNNING did start.
    task.startedAt = now();
    if (!task.stopping.signal.aborted) this.#enter(task, 'RUNNING');
  }

  async #takeDown(task: Task, container: RunningContainer): Promise<void> {
    if (task.stopCode !== 'EssentialContainerExited') {
      this.#enter(task, 'DEACTIVATING');
      await this.#pause(this.#around.timing.current.stoppingMs, this.#closing.signal);
    }
    this.#enter(task, 'STOPPING');
    await container.stop();
    const { exitCode, reason } = await container.exited;
    task.health = container.health();
    task.container = undefined;
    task.exitCode = exitCode;
    task.exitReason = reason;
    task.executionStoppedAt = this.#around.now();
  }

  #finish(task: Task): void {
    task.stoppedAt = this.#around.now();
    this.#enter(task, 'STOPPED');
    this.#around.onStopped(task);
  }

  #enter(task: Task, status: TaskStatus): void {
    task.lastStatus = status;
    task.version += 1;
    const { id: taskId, definition, stopCode, stoppedReason, exitCode } = task;
    const details = status === 'STOPPED' ? { stopCode, stoppedReason, exitCode } : {};
    this.#around.logger.debug({ taskId, family: definition.family, status, ...details }, 'task status');
  }

  /** Doesn't touch a timer when there is nothing to wait for. Ends early on the signal, without an error. */
  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds <= 0 || signal.aborted) return;
    await delay(milliseconds, undefined, { signal }).catch(() => {});
  }
}

const exitedByItself = 'Essential container in task exited';

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import { stopReasons } from '../model/stoppedReason.ts';
import type { Pace } from '../Pace.ts';
import type { Records, TaskDefinitions, Tasks } from '../ports.ts';

/**
 * Stops and removes what no workbench accounts for: an operator deleted its access point, or a call of a controller
 * that is no more arrived after the destroy. Its mark is an active task definition whose access point EFS doesn't know.
 */
export class OrphanCollector {
  readonly #index: Readonly<{ get(id: string): unknown }>;
  readonly #records: Records;
  readonly #tasks: Tasks;
  readonly #definitions: TaskDefinitions;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  /** Seen once. EFS may take a moment to show what was only just created, but not until the next look. */
  #suspects: ReadonlySet<string> = new Set();
  #loop: Promise<void> | undefined;

  /** @param dependencies.index saves asking EFS about workbenches that are known */
  constructor(
    dependencies: Readonly<{
      index: Readonly<{ get(id: string): unknown }>;
      records: Records;
      tasks: Tasks;
      definitions: TaskDefinitions;
      clock: Clock;
      pace: Pace;
      logger: Logger;
    }>,
  ) {
    this.#index = dependencies.index;
    this.#records = dependencies.records;
    this.#tasks = dependencies.tasks;
    this.#definitions = dependencies.definitions;
    this.#clock = dependencies.clock;
    this.#pace = dependencies.pace;
    this.#logger = dependencies.logger;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#clock.sleep(this.#pace.orphansEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#look();
      } catch (error) {
        this.#logger.warn({ err: error }, 'the look for orphans failed and will be repeated');
      }
    }
  }

  async #look(): Promise<void> {
    const suspects = new Set<string>();
    for await (const ids of this.#definitions.owners()) {
      for (const id of ids) {
        if (this.#closing.signal.aborted) return;
        if (this.#index.get(id) || (await this.#records.exists(id))) continue;
        if (this.#suspects.has(id)) await this.#collect(id);
        else suspects.add(id);
      }
    }
    this.#suspects = suspects;
  }

  async #collect(id: string): Promise<void> {
    this.#logger.warn({ workbench: id }, 'its access point is gone: its tasks and task definitions go too');
    for (const task of await this.#tasks.living(id)) await this.#tasks.stop(task.id, stopReasons.orphan);
    await this.#definitions.remove(id);
  }
}

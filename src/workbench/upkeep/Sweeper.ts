import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import type { WorkbenchIndex } from '../cache/WorkbenchIndex.ts';
import type { Destroyer } from '../commands/Destroyer.ts';
import type { DeniedCreates } from '../commands/deniedCreates.ts';
import type { Starter } from '../commands/Starter.ts';
import { isUnanswered, outstandingGeneration, type Workbench } from '../model/Workbench.ts';
import type { Pace } from '../Pace.ts';

const STARTS_AT_ONCE = 4;

/** Finds what a dead controller left undone, at start-up and with every scan, and takes it up. */
export class Sweeper {
  readonly #index: WorkbenchIndex;
  readonly #destroyer: Destroyer;
  readonly #starter: Starter;
  readonly #denied: DeniedCreates;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #starts = pLimit(STARTS_AT_ONCE);
  readonly #finishing = new Map<string, Promise<void>>();
  /** When each outstanding generation was first seen, by workbench and generation. */
  #outstanding = new Map<string, number>();
  #loop: Promise<void> | undefined;

  constructor(
    dependencies: Readonly<{
      index: WorkbenchIndex;
      destroyer: Destroyer;
      starter: Starter;
      denied: DeniedCreates;
      clock: Clock;
      pace: Pace;
      logger: Logger;
    }>,
  ) {
    this.#index = dependencies.index;
    this.#destroyer = dependencies.destroyer;
    this.#starter = dependencies.starter;
    this.#denied = dependencies.denied;
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
    await Promise.all(this.#finishing.values());
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { forgottenAfterMs, sweepEveryMs } = this.#pace;
    // What is outstanding when this process starts may well be its own, from before a crash: no waiting then.
    let patience = 0;
    while (!signal.aborted) {
      try {
        await this.#sweep(patience);
        patience = forgottenAfterMs;
      } catch (error) {
        this.#logger.warn({ err: error }, 'a sweep failed and will be repeated');
      }
      const pause = this.#outstanding.size > 0 || patience === 0 ? forgottenAfterMs / 3 : sweepEveryMs;
      await this.#clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  async #sweep(patience: number): Promise<void> {
    const outstanding = new Map<string, number>();
    await this.#index.scan();
    for (const { workbench } of this.#index.all()) {
      if (workbench.destroy) void this.#destroyer.resume(workbench.id);
      else if (this.#isForgotten(workbench, patience, outstanding)) {
        this.#finishLater(workbench);
      }
    }
    this.#outstanding = outstanding;
  }

  #isForgotten(workbench: Workbench, patience: number, outstanding: Map<string, number>): boolean {
    const generation = outstandingGeneration(workbench);
    if (!generation) return false;
    const key = `${workbench.id}-${generation}`;
    const seenAt = this.#outstanding.get(key) ?? this.#clock.monotonic();
    outstanding.set(key, seenAt);
    const age = this.#clock.monotonic() - seenAt;
    if (!isUnanswered(workbench)) return age >= patience;
    // Any controller's create may still be in flight: to help it on hurts nobody, but to take it back would.
    return this.#denied.has(workbench) || age >= Math.max(this.#pace.forgottenAfterMs, 2 * this.#pace.answerWithinMs);
  }

  /** Beside the sweeps: a start that AWS is slow to answer holds up nobody's list. */
  #finishLater(workbench: Workbench): void {
    const { id } = workbench;
    if (this.#finishing.has(id)) return;
    const finishing = this.#starts(() => this.#finishStart(workbench)).finally(() => this.#finishing.delete(id));
    this.#finishing.set(id, finishing);
  }

  async #finishStart({ id }: Workbench): Promise<void> {
    try {
      if ((await this.#starter.finish(id)) === 'finished') {
        this.#logger.info({ workbench: id }, 'finished a start that was left undone');
        return;
      }
      this.#logger.info({ workbench: id }, 'a create that nobody was told of is taken back');
      await this.#destroyer.intend(id);
      void this.#destroyer.resume(id);
    } catch (error) {
      this.#logger.warn({ workbench: id, err: error }, 'could not finish a start yet');
    }
  }
}

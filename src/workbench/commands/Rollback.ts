import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Clock } from '../../lib/clock.ts';
import { ExpectedError } from '../../lib/errors.ts';
import { untilDone } from '../untilDone.ts';
import type { Destroyer } from './Destroyer.ts';

/** However many creates failed: what made them fail may not be over, and nobody waits for this. */
const ROUNDS_AT_ONCE = 1;
/** After a failure, before any other create is taken back. Milliseconds. */
const BREATHER_MS = 250;

/** Takes failed creates back. */
export class Rollback {
  readonly #destroyer: Destroyer;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #rounds = pLimit(ROUNDS_AT_ONCE);
  readonly #jobs = new Set<Promise<void>>();

  constructor(dependencies: Readonly<{ destroyer: Destroyer; clock: Clock; logger: Logger }>) {
    this.#destroyer = dependencies.destroyer;
    this.#clock = dependencies.clock;
    this.#logger = dependencies.logger;
  }

  /** A create that ECS refused. Resolves when nothing of it is left, or when the rest has to go on in the background. */
  async undo(id: string): Promise<void> {
    try {
      await this.#destroyer.intend(id);
    } catch {
      this.abandon(id);
      return;
    }
    await this.#destroyer.resume(id);
  }

  /** A create that ended without an answer: destroys what there may be, in the background, for as long as it takes. */
  abandon(id: string): void {
    this.#goOn(async () => {
      await this.#destroyer.intend(id);
      void this.#destroyer.resume(id);
    });
  }

  /** What isn't done by now is found by the sweep, which rolls it forward: its user sees it in the list. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#jobs);
  }

  #goOn(attempt: () => Promise<void>): void {
    const round = async () => {
      try {
        await attempt();
      } catch (error) {
        const unavailable = !(error instanceof ExpectedError) || error.code === 'cloud_unavailable';
        if (unavailable) {
          await this.#clock.sleep(BREATHER_MS, this.#closing.signal).catch(() => undefined);
          throw error;
        }
        this.#logger.error({ err: error }, 'a failed create could not be taken back');
      }
      return 'done' as const;
    };
    const job = untilDone(() => this.#rounds(round), {
      clock: this.#clock,
      logger: this.#logger,
      signal: this.#closing.signal,
    });
    this.#jobs.add(job);
    void job.finally(() => this.#jobs.delete(job));
  }
}

import type { Clock } from '../../lib/clock.ts';
import { KeyReusedError, UnavailableError } from '../../lib/errors.ts';
import { beingDestroyed, noSuchWorkbench, refusedByCloud, takesLong } from '../model/errors.ts';
import type { Size } from '../model/fargateSizes.ts';
import { freshToken, keyedToken, requestFingerprint } from '../model/requestTokens.ts';
import { outstandingGeneration, type Workbench } from '../model/Workbench.ts';
import type { Draft, TaskDefinitions, Workbenches } from '../ports.ts';
import type { DeniedCreates } from './deniedCreates.ts';
import type { Launched, Launcher } from './Launcher.ts';
import type { Rollback } from './Rollback.ts';
import type { Started } from './Starter.ts';

export type CreateRequest = Readonly<{
  userId: string;
  name: string | undefined;
  cpu: number | undefined;
  memory: number | undefined;
  idempotencyKey: string | undefined;
}>;

/** A refused create is answered when nothing of it is left, or after this: the rest of it goes in the background. */
const UNDONE_WITHIN_MS = 1_500;

/** Makes workbenches, all or nothing. */
export class Creator {
  readonly #workbenches: Workbenches;
  readonly #definitions: TaskDefinitions;
  readonly #launcher: Launcher;
  readonly #rollback: Rollback;
  readonly #denied: DeniedCreates;
  readonly #clock: Clock;
  readonly #scope: readonly string[];
  #lastCreatedAt = 0;

  /** `scope` tells this controller's idempotency keys from those of others in the same Region. */
  constructor(
    dependencies: Readonly<{
      workbenches: Workbenches;
      definitions: TaskDefinitions;
      launcher: Launcher;
      rollback: Rollback;
      denied: DeniedCreates;
      clock: Clock;
      scope: readonly string[];
    }>,
  ) {
    this.#workbenches = dependencies.workbenches;
    this.#definitions = dependencies.definitions;
    this.#launcher = dependencies.launcher;
    this.#rollback = dependencies.rollback;
    this.#denied = dependencies.denied;
    this.#clock = dependencies.clock;
    this.#scope = dependencies.scope;
  }

  /**
   * With an idempotency key, the same workbench for the same key, from whichever controller and after whatever crash.
   * Without one, what its caller was refused is never started: where the access point may be there all the same, it
   * says so itself, and the sweep removes it.
   * @param late aborts when the caller is told that it takes too long
   * @throws KeyReusedError, UnavailableError, UpstreamError: then nothing stays, or the key's retry goes on with it
   */
  async create(request: CreateRequest, size: Size, late: AbortSignal): Promise<Started> {
    const { userId, name, cpu, memory, idempotencyKey: key } = request;
    const draft: Draft = {
      userId,
      name,
      size,
      createdAt: this.#nextMoment(),
      request: key === undefined ? undefined : requestFingerprint({ name, cpu, memory }),
    };
    if (key !== undefined) return await this.#createKeyed(draft, keyedToken(this.#scope, userId, key));

    let workbench: Workbench;
    try {
      workbench = await this.#workbenches.create(draft, freshToken());
    } catch (error) {
      if (error instanceof UnavailableError) this.#denied.add(draft);
      throw error;
    }
    if (late.aborted) {
      this.#rollback.abandon(workbench.id);
      throw takesLong();
    }
    return await this.#launch(workbench, this.#definitions.register(workbench), late);
  }

  /** No two drafts of this process are of one time, which tells those of a user apart. */
  #nextMoment(): Date {
    this.#lastCreatedAt = Math.max(this.#clock.now(), this.#lastCreatedAt + 1);
    return new Date(this.#lastCreatedAt);
  }

  async #createKeyed(draft: Draft, token: string): Promise<Started> {
    const workbench = await this.#workbenches.create(draft, token);
    if (workbench.request !== draft.request) {
      throw new KeyReusedError('This Idempotency-Key came with another body before; use a new key');
    }
    if (workbench.destroy) throw beingDestroyed();
    if (!outstandingGeneration(workbench)) return { workbench, task: undefined };
    return await this.#launch(workbench, this.#definitions.ensure(workbench));
  }

  async #launch(workbench: Workbench, definition: Promise<string>, late?: AbortSignal): Promise<Started> {
    let launched: Launched;
    try {
      launched = await this.#launcher.launch(workbench, 1, definition);
      // Who has no key is promised only what is written down.
      if (late && launched.kind === 'task' && (late.aborted || !launched.writtenDown)) throw takesLong();
    } catch (error) {
      // Nobody can repeat a create without a key, so what may be there has to go again.
      if (!workbench.request) this.#rollback.abandon(workbench.id);
      throw error;
    }
    if (launched.kind === 'task') return launched;
    if (launched.kind === 'gone') throw noSuchWorkbench();
    await Promise.race([this.#rollback.undo(workbench.id), this.#clock.sleep(UNDONE_WITHIN_MS)]);
    throw refusedByCloud(launched.capacity);
  }
}

import type { Context } from '../../lib/Context.ts';
import { KeyReusedError, UnavailableError } from '../../lib/errors.ts';
import { within } from '../../lib/within.ts';
import { beingDestroyed, noSuchWorkbench, refusedByCloud, takesLong } from '../model/errors.ts';
import { freshToken, keyedToken, requestFingerprint } from '../model/requestTokens.ts';
import { outstandingGeneration, type Workbench } from '../model/Workbench.ts';
import type { Draft, Ports } from '../ports.ts';
import type { DeniedCreates } from './createDeniedCreates.ts';
import type { Launched, Launcher } from './createLauncher.ts';
import type { Rollback } from './createRollback.ts';
import type { Started } from './createStarter.ts';

export type CreateRequest = Readonly<{
  userId: string;
  name: string | undefined;
  profile: string | undefined;
  cpu: number | undefined;
  memory: number | undefined;
  idempotencyKey: string | undefined;
}>;

/** Makes one more within the limits. @throws ConflictError `quota_exceeded` */
type CreateQuotas = Readonly<{
  creating<T>(userId: string, token: string, repeatable: boolean, make: () => Promise<T>): Promise<T>;
}>;

export type Creator = ReturnType<typeof createCreator>;

/**
 * Makes workbenches, all or nothing.
 * @param scope tells this controller's idempotency keys from those of others in the same Region
 */
export function createCreator(
  { workbenches, definitions }: Ports,
  launch: Launcher,
  rollback: Rollback,
  denied: DeniedCreates,
  quotas: CreateQuotas,
  scope: readonly string[],
  { clock, timings }: Context,
) {
  let lastCreatedAt = 0;

  /**
   * With an idempotency key, the same workbench for the same key, from whichever controller and after whatever crash.
   * Without one, what its caller was refused is never started: where the access point may be there all the same, it
   * says so itself, and the sweep removes it.
   * @param late aborts when the caller is told that it takes too long
   * @throws ConflictError `quota_exceeded`, KeyReusedError, UnavailableError, UpstreamError: then nothing stays, or the key's retry goes on with it
   */
  async function create(
    request: CreateRequest,
    { profile, size }: Pick<Draft, 'profile' | 'size'>,
    late: AbortSignal,
  ): Promise<Started> {
    const { userId, name, profile: asked, cpu, memory, idempotencyKey: key } = request;
    const fingerprint = key === undefined ? undefined : requestFingerprint({ name, cpu, memory, profile: asked });
    const draft: Draft = { userId, name, profile, size, createdAt: nextMoment(), request: fingerprint };
    const token = key === undefined ? freshToken() : keyedToken(scope, userId, key);
    return await quotas.creating(userId, token, key !== undefined, () =>
      key === undefined ? createOnce(draft, token, late) : createKeyed(draft, token),
    );
  }

  async function createOnce(draft: Draft, token: string, late: AbortSignal): Promise<Started> {
    let workbench: Workbench;
    try {
      workbench = await workbenches.create(draft, token);
    } catch (error) {
      if (error instanceof UnavailableError) denied.add(draft);
      throw error;
    }
    if (late.aborted) {
      rollback.abandon(workbench.id);
      throw takesLong();
    }
    return await start(workbench, definitions.register(workbench), late);
  }

  /** No two drafts of this process are of one time, which tells those of a user apart. */
  function nextMoment(): Date {
    lastCreatedAt = Math.max(clock.now(), lastCreatedAt + 1);
    return new Date(lastCreatedAt);
  }

  async function createKeyed(draft: Draft, token: string): Promise<Started> {
    const workbench = await workbenches.create(draft, token);
    if (workbench.request !== draft.request) {
      throw new KeyReusedError('This Idempotency-Key came with another body before; use a new key');
    }
    if (workbench.destroy) throw beingDestroyed();
    if (!outstandingGeneration(workbench)) return { workbench, task: undefined };
    return await start(workbench, definitions.ensure(workbench));
  }

  async function start(workbench: Workbench, definition: Promise<string>, late?: AbortSignal): Promise<Started> {
    let launched: Launched;
    try {
      launched = await launch(workbench, 1, definition);
      // Who has no key is promised only what is written down.
      if (late && launched.kind === 'task' && (late.aborted || !launched.writtenDown)) throw takesLong();
    } catch (error) {
      // Nobody can repeat a create without a key, so what may be there has to go again.
      if (!workbench.request) rollback.abandon(workbench.id);
      throw error;
    }
    if (launched.kind === 'task') return launched;
    if (launched.kind === 'gone') throw noSuchWorkbench();
    await within(rollback.undo(workbench.id), timings.undoneWithinMs, () => undefined, clock);
    throw refusedByCloud(launched.capacity);
  }

  return create;
}

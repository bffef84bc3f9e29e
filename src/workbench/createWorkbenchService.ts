import type { Context } from '../lib/Context.ts';
import { KeyedMutex } from '../lib/KeyedMutex.ts';
import { within } from '../lib/within.ts';
import type { LogReader } from './cache/createLogReader.ts';
import type { WorkbenchLister } from './cache/createWorkbenchLister.ts';
import type { Change, Changer } from './commands/createChanger.ts';
import type { CreateRequest, Creator } from './commands/createCreator.ts';
import type { Destroyer } from './commands/createDestroyer.ts';
import type { Starter } from './commands/createStarter.ts';
import type { Stopper } from './commands/createStopper.ts';
import { choose } from './model/choose.ts';
import { takesLong } from './model/errors.ts';
import type { Limits, Usage } from './model/limits.ts';
import type { Profiles } from './model/Profile.ts';
import type { WorkbenchView } from './model/WorkbenchView.ts';
import type { InTurn } from './ports.ts';
import type { Quotas } from './quotas/createQuotas.ts';

type Commands = Readonly<{
  create: Creator;
  change: Changer;
  start: Starter['start'];
  stop: Stopper;
  destroyer: Destroyer;
  quotas: Quotas;
}>;

export type Quota = Readonly<{ limits: Limits; usage: Usage }>;

export type WorkbenchService = ReturnType<typeof createWorkbenchService>;

/**
 * What users do with their workbenches. In this process the operations on one workbench follow each other;
 * between processes the record and ECS's tokens keep order.
 * Every call throws NotFoundError for another user's workbench, and UnavailableError when AWS doesn't answer.
 */
export function createWorkbenchService(
  commands: Commands,
  inTurn: InTurn,
  lister: WorkbenchLister,
  readLog: LogReader,
  { profiles, limits }: Readonly<{ profiles: Profiles; limits: Limits }>,
  { clock, timings }: Context,
) {
  const mutex = new KeyedMutex();

  /** @throws InputError for what is not offered, or over the limits; ConflictError, KeyReusedError */
  async function create(request: CreateRequest): Promise<WorkbenchView> {
    const { profile, size } = choose(request, undefined, profiles, limits);
    return await inTime(async (late) => {
      const { workbench, task } = await commands.create(request, { profile, size }, late);
      // Of a repeated create, the workbench may have come further since.
      const created = lister.viewWith(workbench, task);
      return task || !workbench.request ? created : await lister.get(request.userId, workbench.id).catch(() => created);
    });
  }

  /** Renames, or changes what the next start makes of it. @throws InputError, ConflictError once it is being destroyed */
  async function change(userId: string, id: string, wish: Change): Promise<WorkbenchView> {
    return await inTime(async () => {
      await lister.ownedBy(userId, id);
      // Joined to another one it would be lost.
      await mutex.queue(id, () => inTurn(userId, () => commands.change(id, wish)));
      return await lister.get(userId, id);
    });
  }

  /** Does nothing if the workbench is running or on its way. @throws ConflictError while it goes down, and at a limit */
  async function start(userId: string, id: string): Promise<WorkbenchView> {
    return await inTime(async () => {
      await lister.ownedBy(userId, id);
      const { workbench, task } = await commands.quotas.starting(userId, id, () =>
        mutex.share(id, 'start', () => inTurn(userId, () => commands.start(id))),
      );
      return lister.viewWith(workbench, task);
    });
  }

  /** Does nothing if the workbench is stopped. @throws ConflictError once it is being destroyed */
  async function stop(userId: string, id: string): Promise<WorkbenchView> {
    return await inTime(async () => {
      await lister.ownedBy(userId, id);
      await mutex.share(id, 'stop', () => inTurn(userId, () => commands.stop(id)));
      return await lister.get(userId, id);
    });
  }

  /** Accepts in every state; what there is goes on in the background until all data are gone. */
  async function destroy(userId: string, id: string): Promise<WorkbenchView> {
    return await inTime(async () => {
      const workbench = await lister.ownedBy(userId, id);
      await mutex.share(id, 'destroy', () => commands.destroyer.intend(id));
      void commands.destroyer.resume(id);
      return lister.viewWith({ ...workbench, destroy: workbench.destroy ?? { step: 'requested' } }, undefined);
    });
  }

  /** The last lines of the last run, also after its end. @throws NotFoundError where none are kept */
  async function logs(userId: string, id: string, lines: number): Promise<readonly string[]> {
    const { workbench } = await lister.get(userId, id);
    return await readLog(workbench, lines);
  }

  /** What a user may have, and has. */
  async function quotas(userId: string): Promise<Quota> {
    return { limits, usage: await commands.quotas.usage(userId) };
  }

  /** Everything that a write does counts, not least finding out whose workbench it is. */
  async function inTime<T>(operate: (late: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const tooLate = () => {
      late.abort();
      throw takesLong();
    };
    return await within(operate(late.signal), timings.answerWithinMs, tooLate, clock);
  }

  return { list: lister.list, get: lister.get, create, change, start, stop, destroy, logs, quotas };
}

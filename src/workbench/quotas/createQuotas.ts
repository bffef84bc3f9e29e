import type { Details } from '../../lib/errors.ts';
import type { RecordReflector } from '../cache/createRecordReflector.ts';
import type { WorkbenchLister } from '../cache/createWorkbenchLister.ts';
import type { RecordStore } from '../cache/RecordStore.ts';
import { type Limits, quotaExceeded, type Usage } from '../model/limits.ts';
import { createMark } from '../model/requestTokens.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { WorkbenchView } from '../model/WorkbenchView.ts';
import type { StackCount } from './createStackCount.ts';

/** What is being made or started here, and may not be on a record yet. */
type Claim = Readonly<{ userId: string; mark: string } | { userId: string; id: string }>;

export type Quotas = ReturnType<typeof createQuotas>;

/**
 * Holds users to the limits before AWS is asked for anything. What is under way in this process counts; what other
 * controllers do, as soon as it is seen.
 */
export function createQuotas(
  limits: Limits,
  store: RecordStore,
  lister: Pick<WorkbenchLister, 'list' | 'peek' | 'get' | 'synced'>,
  reflector: Pick<RecordReflector, 'find' | 'resyncInTurn'>,
  stack: StackCount,
) {
  const claims = new Set<Claim>();
  const isLimited = (...max: readonly (number | undefined)[]) => max.some((one) => one !== undefined);

  /**
   * Makes one more, if that is within the limits.
   * @param token the create's: what it made already, as a repeated one, takes no place
   * @throws ConflictError `quota_exceeded`; UnavailableError
   */
  async function creating<T>(userId: string, token: string, repeatable: boolean, make: () => Promise<T>): Promise<T> {
    if (!isLimited(limits.workbenches, limits.running, limits.allRunning)) return await make();
    const claim = { userId, mark: createMark(token) };
    const isClaimed = () => [...claims].some((one) => 'mark' in one && one.mark === claim.mark);
    const hasPlace = () => !isNew(claim) || isClaimed();
    const views = await look(userId);
    try {
      if (!hasPlace()) check(userId, views, true);
    } catch (error) {
      if (!repeatable) throw error;
      // Another controller may have made it a moment ago.
      await reflector.resyncInTurn();
      if (!hasPlace()) throw error;
    }
    return await holding(claim, make);
  }

  /** Starts one, if that is within the limits; one that is up, or goes down, has its place. @throws as `creating` */
  async function starting<T>(userId: string, id: string, start: () => Promise<T>): Promise<T> {
    if (!isLimited(limits.running, limits.allRunning)) return await start();
    const views = await look(userId);
    const takesPlace = () => {
      const workbench = store.get(id)?.workbench;
      return workbench && !workbench.destroy && !isRunning(workbench, views);
    };
    try {
      if (takesPlace()) check(userId, views, false);
    } catch (error) {
      // Another controller may have started it.
      await reflector.find(id);
      views.set(id, await lister.get(userId, id));
      if (takesPlace()) throw error;
    }
    return await holding({ userId, id }, start);
  }

  async function holding<T>(claim: Claim, operate: () => Promise<T>): Promise<T> {
    claims.add(claim);
    try {
      return await operate();
    } finally {
      claims.delete(claim);
    }
  }

  async function look(userId: string): Promise<Map<string, WorkbenchView>> {
    await lister.synced();
    if (limits.allRunning !== undefined) await stack.refresh();
    return new Map((await lister.list(userId)).map((view) => [view.workbench.id, view]));
  }

  /** In one go with the claim that follows, so that no two take the same place. @throws ConflictError */
  function check(userId: string, views: ReadonlyMap<string, WorkbenchView>, makes: boolean): void {
    const { workbenches, running, runningIds } = usageOf(userId, views);
    const hold = (limit: Details['limit'], max = Number.POSITIVE_INFINITY, used = 0) => {
      if (used >= max) throw quotaExceeded({ limit, max, used, running: runningIds });
    };
    if (makes) hold('workbenches', limits.workbenches, workbenches);
    hold('running', limits.running, running);
    if (limits.allRunning === undefined) return;
    const all = stack.ids();
    const pending = countOf((claim) => ('id' in claim ? !all.has(claim.id) : isNew(claim)));
    hold('all_running', limits.allRunning, all.size + pending);
  }

  function usageOf(userId: string, views: ReadonlyMap<string, WorkbenchView>): Usage {
    const own = store.listOf(userId).filter(({ destroy }) => !destroy);
    const runningIds = own.filter((workbench) => isRunning(workbench, views)).map(({ id }) => id);
    const made = countOf((claim) => claim.userId === userId && isNew(claim));
    return { workbenches: own.length + made, running: runningIds.length + made, runningIds };
  }

  /** The same create or start, asked for twice, counts once. */
  function countOf(isMeant: (claim: Claim) => boolean): number {
    return new Set([...claims].filter(isMeant).map((claim) => ('id' in claim ? claim.id : claim.mark))).size;
  }

  /** A create whose access point is not to be seen yet. */
  function isNew(claim: Claim): boolean {
    return 'mark' in claim && !store.listOf(claim.userId).some(({ createMark: mark }) => mark === claim.mark);
  }

  /** What has come since the look runs, as far as anybody knows. */
  function isRunning({ userId, id }: Workbench, views: ReadonlyMap<string, WorkbenchView>): boolean {
    if ([...claims].some((claim) => 'id' in claim && claim.id === id)) return true;
    return (lister.peek(userId, id) ?? views.get(id))?.status !== 'stopped';
  }

  /** What a user has of what is limited. @throws UnavailableError */
  async function usage(userId: string): Promise<Usage> {
    await lister.synced();
    return usageOf(userId, new Map((await lister.list(userId)).map((view) => [view.workbench.id, view])));
  }

  return { creating, starting, usage };
}

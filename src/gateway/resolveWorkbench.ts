import type { WorkbenchLister } from '../workbench/cache/createWorkbenchLister.ts';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import type { Destination, ResolveDestination } from './destination.ts';

/** Statuses on the way down. */
const down: ReadonlySet<string> = new Set(['deactivating', 'stopping', 'deprovisioning', 'destroying']);

/** Where a workbench is to be reached, or why it is not. Rejects when the cloud doesn't say. */
export function createResolve(lister: Pick<WorkbenchLister, 'any'>): ResolveDestination {
  return async (workbenchId) => {
    const view = await lister.any(workbenchId);
    return view ? destinationOf(view) : { kind: 'notFound' };
  };
}

function destinationOf({ workbench, status, stoppedReason, address }: WorkbenchView): Destination {
  const { name } = workbench;
  if (status === 'running' && address) return { kind: 'running', ...address };
  if (status === 'stopped') return { kind: 'stopped', name, ...(stoppedReason ? { reason: stoppedReason } : {}) };
  return down.has(status) ? { kind: 'goingDown', status, name } : { kind: 'onTheWay', status, name };
}

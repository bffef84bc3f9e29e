import type { Context } from '../../lib/Context.ts';
import { UnavailableError } from '../../lib/errors.ts';
import type { WorkbenchView } from '../model/WorkbenchView.ts';
import type { StoredRecord } from './RecordStore.ts';

/** How old what is told may be; the poller and the reflector see to it. */
export function createStatusAge({ clock, timings }: Pick<Context, 'clock' | 'timings'>) {
  /** The record tells of a workbench whose task has ended: another controller may have started it since. */
  function isFresh({ observedAt }: StoredRecord): boolean {
    return ageOf(observedAt) <= timings.recordFreshMs;
  }

  /** @param observedAt by the monotonic clock @returns milliseconds */
  function ageOf(observedAt: number): number {
    return clock.monotonic() - observedAt;
  }

  function isInTime({ ageMs }: WorkbenchView): boolean {
    return ageMs <= timings.serveStaleForMs;
  }

  /** @throws UnavailableError for what is too old to be told */
  function inTime(view: WorkbenchView): WorkbenchView {
    if (isInTime(view)) return view;
    throw new UnavailableError('AWS has not shown the workbench for over a minute');
  }

  return { isFresh, ageOf, isInTime, inTime };
}

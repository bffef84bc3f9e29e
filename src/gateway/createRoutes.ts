import type { Logger } from 'pino';
import type { Visit } from '../access/entry/visitOf.ts';
import type { DestinationCache } from './cacheDestinations.ts';
import { UnreachableError } from './connectUpstream.ts';
import type { Admission, Entered } from './createAdmission.ts';
import type { Upstream } from './destination.ts';
import * as refusals from './refusal.ts';

/** Who has entered, and where their workbench is. */
export type Way = Readonly<{ entered: Entered; upstream: Upstream }>;
export type Route = Way | refusals.Refusal;

export type Routes = Readonly<{
  /** Where a visit can go, or why not. Without a promise where all is known already: that is nearly always. */
  find(visit: Visit): Route | Promise<Route>;
  /** What to say when a running task could not be talked to: it may have stopped since the look-up. */
  explain(workbenchId: string, error: unknown): Promise<refusals.Refusal>;
  /** From now on there is no way. */
  close(): void;
}>;

/** First whether one may, then where it is: nobody learns anything of a workbench that is not theirs. */
export function createRoutes(
  admission: Pick<Admission, 'admit'>,
  destinations: DestinationCache,
  logger: Pick<Logger, 'debug' | 'warn'>,
): Routes {
  let closing = false;

  function onward(workbenchId: string, entered: Entered): Route | Promise<Route> {
    const known = destinations.peek(workbenchId);
    return known?.kind === 'running' ? { entered, upstream: known } : lookUp(workbenchId, entered);
  }

  async function lookUp(workbenchId: string, entered: Entered): Promise<Route> {
    const found = await locate(workbenchId);
    return 'status' in found ? found : { entered, upstream: found };
  }

  async function locate(workbenchId: string): Promise<Upstream | refusals.Refusal> {
    try {
      const destination = await destinations.get(workbenchId);
      return destination.kind === 'running' ? destination : refusals.refusalOf(destination);
    } catch (error) {
      logger.warn({ workbench_id: workbenchId, err: error }, 'No destination for a workbench');
      return refusals.cloudUnavailable;
    }
  }

  return {
    find(visit) {
      if (closing) return refusals.shuttingDown;
      const { workbenchId } = visit;
      const admitted = admission.admit(visit);
      if (admitted instanceof Promise) {
        return admitted.then((one) => ('status' in one ? one : onward(workbenchId, one)));
      }
      return 'status' in admitted ? admitted : onward(workbenchId, admitted);
    },
    async explain(workbenchId, error) {
      destinations.drop(workbenchId);
      if (closing) return refusals.shuttingDown;
      logger.debug({ workbench_id: workbenchId, err: error }, 'A task could not be talked to');
      const again = await locate(workbenchId);
      if ('status' in again) return again;
      return error instanceof UnreachableError ? refusals.almostThere : refusals.brokenOff;
    },
    close() {
      closing = true;
    },
  };
}

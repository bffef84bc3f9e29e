import type { Clock } from '../lib/clock.ts';
import type { Destination, ResolveDestination } from './destination.ts';

export interface DestinationCache {
  /** What a look-up of this moment would give, if it is known already. */
  peek(workbenchId: string): Destination | undefined;
  get(workbenchId: string): Promise<Destination>;
  /** The next get looks the workbench up again. */
  drop(workbenchId: string): void;
}

export interface DestinationCacheOptions {
  resolve: ResolveDestination;
  /** How long a task's address is used, in ms from when it came. */
  timeToLiveMs: number;
  /** Beyond it the oldest entry goes: ids come from whoever types them into a browser. */
  maxEntries: number;
  clock: Clock;
}

interface Entry {
  destination: Promise<Destination>;
  known?: Destination;
  expires: number;
}

/** One look-up serves all requests of a moment: a page of a web IDE loads hundreds of assets at once. */
export function cacheDestinations({
  resolve,
  timeToLiveMs,
  maxEntries,
  clock,
}: DestinationCacheOptions): DestinationCache {
  const entries = new Map<string, Entry>();

  function lookUp(workbenchId: string): Promise<Destination> {
    const entry: Entry = { destination: resolve(workbenchId), expires: Number.POSITIVE_INFINITY };
    entries.delete(workbenchId);
    entries.set(workbenchId, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries) break;
      entries.delete(oldest);
    }
    entry.destination.then(
      (known) => {
        entry.known = known;
        // Whoever has just seen the status turn to running opens the page at once, and must not be told of the past.
        entry.expires = known.kind === 'running' ? clock.monotonic() + timeToLiveMs : 0;
      },
      () => {
        // A failure is shared by those who wait for it, and remembered for nobody.
        if (entries.get(workbenchId) === entry) entries.delete(workbenchId);
      },
    );
    return entry.destination;
  }

  function current(workbenchId: string): Entry | undefined {
    const entry = entries.get(workbenchId);
    return entry && clock.monotonic() < entry.expires ? entry : undefined;
  }

  return {
    peek: (workbenchId) => current(workbenchId)?.known,
    get: (workbenchId) => current(workbenchId)?.destination ?? lookUp(workbenchId),
    drop(workbenchId) {
      entries.delete(workbenchId);
    },
  };
}

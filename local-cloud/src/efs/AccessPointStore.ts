import type { Collection } from '../operation.ts';
import type { AccessPoint } from './AccessPoint.ts';

/**
 * The access points with what makes them quick to find. The collection is all that survives a restart; the order of
 * each file system's access points and the client tokens are worked out from it.
 */
export class AccessPointStore {
  readonly #byId: Collection<AccessPoint>;
  readonly #idByClientToken = new Map<string, string>();
  /** By file system, in order of creation; under undefined all of them. */
  readonly #ordered = new Map<string | undefined, AccessPoint[]>();
  #lastSequence = 0;

  constructor(collection: Collection<AccessPoint>) {
    this.#byId = collection;
    const known = [...collection.values()].sort((one, other) => one.sequence - other.sequence);
    for (const accessPoint of known) this.#index(accessPoint);
  }

  get(id: string): AccessPoint | undefined {
    return this.#byId.get(id);
  }

  withClientToken(clientToken: string): AccessPoint | undefined {
    const id = this.#idByClientToken.get(clientToken);
    return id === undefined ? undefined : this.#byId.get(id);
  }

  count(fileSystemId: string): number {
    return this.#orderOf(fileSystemId).length;
  }

  add(accessPoint: Omit<AccessPoint, 'sequence'>): AccessPoint {
    const added = { ...accessPoint, sequence: this.#lastSequence + 1 };
    this.#byId.set(added.id, added);
    this.#index(added);
    return added;
  }

  /** For one that is there already; keeps its place. */
  replace(accessPoint: AccessPoint): void {
    this.#byId.set(accessPoint.id, accessPoint);
    for (const order of this.#ordersWith(accessPoint)) {
      order[firstAfter(order, accessPoint.sequence - 1)] = accessPoint;
    }
  }

  remove(accessPoint: AccessPoint): void {
    this.#byId.delete(accessPoint.id);
    this.#idByClientToken.delete(accessPoint.clientToken);
    for (const order of this.#ordersWith(accessPoint)) order.splice(firstAfter(order, accessPoint.sequence - 1), 1);
  }

  /** At most `size` of a file system's, or of all, of those created after the one with the given sequence, which may be gone by now. */
  page(fileSystemId: string | undefined, afterSequence: number, size: number): { page: AccessPoint[]; more: boolean } {
    const order = this.#orderOf(fileSystemId);
    const start = firstAfter(order, afterSequence);
    return { page: order.slice(start, start + size), more: start + size < order.length };
  }

  /** Whether any access point of the file system has this root directory. */
  uses(fileSystemId: string, path: string): boolean {
    return this.#orderOf(fileSystemId).some((accessPoint) => accessPoint.rootDirectory.Path === path);
  }

  #index(accessPoint: AccessPoint): void {
    this.#idByClientToken.set(accessPoint.clientToken, accessPoint.id);
    for (const order of this.#ordersWith(accessPoint)) order.push(accessPoint);
    this.#lastSequence = accessPoint.sequence;
  }

  #ordersWith({ fileSystemId }: AccessPoint): readonly AccessPoint[][] {
    return [this.#orderOf(fileSystemId), this.#orderOf(undefined)];
  }

  #orderOf(fileSystemId: string | undefined): AccessPoint[] {
    const known = this.#ordered.get(fileSystemId);
    if (known !== undefined) return known;
    const order: AccessPoint[] = [];
    this.#ordered.set(fileSystemId, order);
    return order;
  }
}

/** Binary search: the index of the first access point beyond a sequence. */
function firstAfter(order: readonly AccessPoint[], sequence: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((order[middle]?.sequence ?? 0) > sequence) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Where a workbench stands among all: by the time of its creation, in milliseconds, then by its id. */
export type Place = Readonly<{ createdAt: number; id: string }>;

/** One for each id, oldest first. */
export class CreationOrder<T extends Place> {
  readonly #inOrder: T[] = [];
  readonly #byId = new Map<string, T>();

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }

  /** In place of the one with its id, if there is one. */
  put(one: T): void {
    const before = this.#byId.get(one.id);
    this.#byId.set(one.id, one);
    if (before && before.createdAt === one.createdAt) {
      this.#inOrder[this.#firstAfter(one) - 1] = one;
      return;
    }
    if (before) this.#inOrder.splice(this.#firstAfter(before) - 1, 1);
    this.#inOrder.splice(this.#firstAfter(one), 0, one);
  }

  delete(id: string): void {
    const before = this.#byId.get(id);
    if (!before) return;
    this.#byId.delete(id);
    this.#inOrder.splice(this.#firstAfter(before) - 1, 1);
  }

  /** Those behind a place, whether or not anybody stands there still; all without one. */
  *after(place: Place | undefined): Generator<T> {
    for (let index = place ? this.#firstAfter(place) : 0; index < this.#inOrder.length; index += 1) {
      const one = this.#inOrder[index];
      if (one) yield one;
    }
  }

  #firstAfter(place: Place): number {
    let from = 0;
    let to = this.#inOrder.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const one = this.#inOrder[middle];
      if (one && compare(one, place) <= 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function compare(one: Place, other: Place): number {
  return one.createdAt - other.createdAt || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** Ids with the time at which each was added last: the latest ones, for as long as they matter. */
export class RecentIds {
  /** In the order of their times. */
  readonly #times = new Map<string, number>();
  readonly #keepMs: number;
  readonly #most: number;

  constructor(keepMs: number, most: number) {
    this.#keepMs = keepMs;
    this.#most = most;
  }

  get size(): number {
    return this.#times.size;
  }

  /** When it was added last; undefined as well for what that is too long ago. */
  since(id: string): number | undefined {
    return this.#times.get(id);
  }

  add(id: string, now: number): void {
    this.#times.delete(id);
    this.#times.set(id, now);
    for (const [oldest, addedAt] of this.#times) {
      if (this.#times.size <= this.#most && now - addedAt <= this.#keepMs) return;
      this.#times.delete(oldest);
    }
  }

  delete(id: string): void {
    this.#times.delete(id);
  }
}

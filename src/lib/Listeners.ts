/** Those who are told of changes. */
export class Listeners<T> {
  readonly #all = new Set<(change: T) => void>();

  /** @returns ends that */
  add(listener: (change: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(change: T): void {
    for (const listener of [...this.#all]) listener(change);
  }
}

type Entry = Readonly<{ kind: string | undefined; result: Promise<unknown> }>;

/** Runs the tasks of one key one after the other; different keys don't wait for each other. */
export class KeyedMutex {
  readonly #last = new Map<string, Entry>();

  /** A task of the same kind as the last one of its key joins that one's result instead of doing the same again. */
  async share<T>(key: string, kind: string, task: () => Promise<T>): Promise<T> {
    const last = this.#last.get(key);
    // The kind says what the result is: one kind of a key always comes with the same task.
    if (last?.kind === kind) return (await last.result) as T;
    return await this.#after(last, key, kind, task);
  }

  /** A task like no other: it joins none, and none joins it. */
  async queue<T>(key: string, task: () => Promise<T>): Promise<T> {
    return await this.#after(this.#last.get(key), key, undefined, task);
  }

  async #after<T>(last: Entry | undefined, key: string, kind: string | undefined, task: () => Promise<T>): Promise<T> {
    const result = last ? last.result.then(task, task) : task();
    const entry = { kind, result };
    this.#last.set(key, entry);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === entry) this.#last.delete(key);
    }
  }
}

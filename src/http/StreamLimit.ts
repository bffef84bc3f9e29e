import { TooManyError } from '../lib/errors.ts';

/** How many streams and waiting polls one user may hold at a time. */
export class StreamLimit {
  readonly #most: number;
  readonly #held = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns gives the place back; once, however often it is called. @throws TooManyError */
  take(userId: string): () => void {
    const held = this.#held.get(userId) ?? 0;
    if (held >= this.#most) {
      throw new TooManyError(`A user may hold ${this.#most} event streams and waiting polls; close some first`, 5);
    }
    this.#held.set(userId, held + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const left = (this.#held.get(userId) ?? 1) - 1;
      if (left > 0) this.#held.set(userId, left);
      else this.#held.delete(userId);
    };
  }
}

import type { Clock } from '../lib/clock.ts';

const MOST = 10_000;

/** What was made of tokens that were good, until they expire. Bounded; the ones seen first go first. */
export class TokenCache<T> {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #kept = new Map<string, Readonly<{ value: T; expiresAt: number }>>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get(token: string): T | undefined {
    const kept = this.#kept.get(token);
    if (!kept) return undefined;
    if (kept.expiresAt > this.#clock.now()) return kept.value;
    this.#kept.delete(token);
    return undefined;
  }

  /** @param expiresAt milliseconds since the epoch */
  set(token: string, value: T, expiresAt: number): void {
    if (this.#kept.size >= MOST) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(token, { value, expiresAt });
  }
}

import type { Clock } from './clock.ts';

/** A token bucket that holds a second's worth of calls. */
export class CallBudget {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = perSecond;
    this.#filledAt = clock.monotonic();
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  /** Takes a token if there is one. */
  tryTake(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** For calls that can't wait: those that can will have to make up for it. At most a second is owed. */
  spend(): void {
    this.#fill();
    this.#tokens = Math.max(this.#tokens - 1, -this.#perSecond);
  }

  /** Milliseconds until there are so many tokens. */
  wait(tokens = 1): number {
    this.#fill();
    return this.#tokens >= tokens ? 0 : Math.ceil(((tokens - this.#tokens) / this.#perSecond) * 1000);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond);
    this.#filledAt = now;
  }
}

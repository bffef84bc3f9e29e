import type { Timing } from './timing.ts';

/** The timing that holds now. ECS, EFS and the front read `current` at each use, so a change takes effect at once. */
export class TimingSettings {
  #current: Timing;

  constructor(initial: Timing) {
    this.#current = initial;
  }

  get current(): Timing {
    return this.#current;
  }

  /** Changes the given keys only. */
  change(partial: Partial<Timing>): Timing {
    this.#current = { ...this.#current, ...partial };
    return this.#current;
  }
}

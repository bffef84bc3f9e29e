/** A sample's value below which the given part of all lies; NaN of nothing. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Counts whole numbers from 0 to `most`; larger ones count as `most`. For millions of samples. */
export class Counts {
  readonly #counts: Uint32Array;
  #total = 0;

  constructor(most: number) {
    this.#counts = new Uint32Array(most + 1);
  }

  get total(): number {
    return this.#total;
  }

  add(value: number): void {
    const index = Math.min(this.#counts.length - 1, Math.max(0, Math.round(value)));
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total += 1;
  }

  quantile(part: number): number {
    let left = this.#total * part;
    for (const [value, count] of this.#counts.entries()) {
      left -= count;
      if (left < 0) return value;
    }
    return this.#total === 0 ? Number.NaN : this.#counts.length - 1;
  }
}

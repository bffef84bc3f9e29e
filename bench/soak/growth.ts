import { median } from '../support/statistics.ts';

/** ECS shows a task for an hour after its end, so the local cloud's memory rises for as long. */
export const SETTLING_MINUTES = 65;
/** Fewer tell a slope from noise too badly. */
const FEWEST_SAMPLES = 20;
const EDGE_MINUTES = 10;
/** Whatever is forgotten to be let go of a workbench's life takes more: a client token with its request took 7 KB. */
const MOST_BYTES_PER_LIFE = 1_000;

export type MemorySample = Readonly<{ minute: number; lives: number; bytes: number }>;

export type Growth = Readonly<{
  /** Medians, in bytes, of the ten minutes after settling and of the last ten. */
  first: number;
  last: number;
  bytesPerLife: number;
  /** Undefined: too few samples to tell. */
  flat: boolean | undefined;
}>;

/** How memory grows with lives once it has settled: the median of the slopes between any two samples (Theil–Sen). */
export function growth(samples: readonly MemorySample[]): Growth {
  const settled = samples.filter(({ minute }) => minute >= SETTLING_MINUTES);
  const end = settled.at(-1)?.minute ?? 0;
  const near = (from: number) =>
    median(settled.flatMap(({ minute, bytes }) => (minute >= from && minute <= from + EDGE_MINUTES ? bytes : [])));
  const slopes = settled.flatMap((one, index) =>
    settled
      .slice(index + 1)
      .flatMap((other) => (other.lives > one.lives ? (other.bytes - one.bytes) / (other.lives - one.lives) : [])),
  );
  const bytesPerLife = median(slopes);
  return {
    first: near(SETTLING_MINUTES),
    last: near(end - EDGE_MINUTES),
    bytesPerLife,
    flat: settled.length < FEWEST_SAMPLES ? undefined : bytesPerLife <= MOST_BYTES_PER_LIFE,
  };
}

const gigabytes = (from: number, to: number, step = 1): readonly number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => (from + index * step) * 1024);

/**
 * The memory sizes (MiB) that Fargate takes with each CPU size (units, 1024 to a vCPU).
 * Source: "Task size" in the Fargate task definition parameters of the Amazon ECS Developer Guide.
 */
export const memoryByCpu: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, gigabytes(1, 4)],
  [1024, gigabytes(2, 8)],
  [2048, gigabytes(4, 16)],
  [4096, gigabytes(8, 30)],
  [8192, gigabytes(16, 60, 4)],
  [16384, gigabytes(32, 120, 8)],
]);

export type Size = Readonly<{ cpu: number; memory: number }>;

/** Large enough for whatever AWS will have; what is beyond is no size. */
const LARGEST = 100_000_000;

/** Whether a record's figures are a size at all, be it Fargate's or another's. */
export function isSize({ cpu, memory }: Size): boolean {
  return [cpu, memory].every((figure) => Number.isInteger(figure) && figure > 0 && figure <= LARGEST);
}

export function isFargateSize({ cpu, memory }: Size): boolean {
  return memoryByCpu.get(cpu)?.includes(memory) ?? false;
}

/** The right sizes closest to a wrong one, the closest first; a factor of two counts the same in CPU as in memory. */
export function nearestFargateSizes(wanted: Size, count = 3): readonly Size[] {
  const distance = ({ cpu, memory }: Size): number =>
    Math.abs(Math.log2(cpu / Math.max(wanted.cpu, 1))) + Math.abs(Math.log2(memory / Math.max(wanted.memory, 1)));
  return [...memoryByCpu]
    .flatMap(([cpu, memories]) => memories.map((memory) => ({ cpu, memory })))
    .sort((one, other) => distance(one) - distance(other))
    .slice(0, count);
}

/** A wrong size, in words that say what would be right. */
export function wrongSizeMessage(wanted: Size): string {
  const nearest = nearestFargateSizes(wanted).map(({ cpu, memory }) => `${cpu} with ${memory}`);
  return `Fargate has no ${wanted.cpu} CPU units with ${wanted.memory} MiB; the nearest sizes are ${nearest.join(', ')}`;
}

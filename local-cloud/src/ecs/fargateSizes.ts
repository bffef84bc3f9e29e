const gib = 1024;

/** Fargate's table: memory in MiB from..to by step, for each amount of CPU units. */
const sizes: Readonly<Record<string, Readonly<{ from: number; to: number; step: number }>>> = {
  '512': { from: gib, to: 4 * gib, step: gib },
  '1024': { from: 2 * gib, to: 8 * gib, step: gib },
  '2048': { from: 4 * gib, to: 16 * gib, step: gib },
  '4096': { from: 8 * gib, to: 30 * gib, step: gib },
  '8192': { from: 16 * gib, to: 60 * gib, step: 4 * gib },
  '16384': { from: 32 * gib, to: 120 * gib, step: 8 * gib },
};

/** @param cpu in units, @param memory in MiB; as ECS writes them */
export function isFargateSize(cpu: string, memory: string): boolean {
  const mebibytes = Number(memory);
  if (cpu === '256') return [512, gib, 2 * gib].includes(mebibytes);
  const size = sizes[cpu];
  return (
    size !== undefined && mebibytes >= size.from && mebibytes <= size.to && (mebibytes - size.from) % size.step === 0
  );
}

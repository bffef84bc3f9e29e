import type { LimitsItem } from '../client/createClient.ts';
import { memoryByCpu } from '../workbench/model/fargateSizes.ts';

export type Size = Readonly<{ cpu: number; memory: number }>;

type Properties = Readonly<{
  size: Size | undefined;
  change: (size: Size | undefined) => void;
  limits: LimitsItem | undefined;
  /** What it means to choose none. */
  usual: string;
}>;

const within = (max: number | undefined) => (value: number) => max === undefined || value <= max;

/** The sizes that Fargate has, as far as the user's limits go. */
export function SizeFields({ size, change, limits, usual }: Properties) {
  const fits = within(limits?.memory.max);
  const memoriesOf = (cpu: number) => (memoryByCpu.get(cpu) ?? []).filter(fits);
  const cpus = [...memoryByCpu.keys()].filter((cpu) => within(limits?.cpu.max)(cpu) && memoriesOf(cpu).length > 0);

  function choose(cpu: number): void {
    const [smallest] = memoriesOf(cpu);
    change(smallest === undefined ? undefined : { cpu, memory: smallest });
  }

  return (
    <>
      <label>
        CPU
        <select value={size?.cpu ?? 0} onChange={(event) => choose(Number(event.currentTarget.value))}>
          <option value={0}>{usual}</option>
          {cpus.map((cpu) => (
            <option key={cpu} value={cpu}>
              {cpu / 1024} vCPU
            </option>
          ))}
        </select>
      </label>
      <label>
        Memory
        <select
          value={size?.memory ?? 0}
          disabled={!size}
          onChange={(event) => size && change({ ...size, memory: Number(event.currentTarget.value) })}
        >
          {!size && <option value={0}>{usual}</option>}
          {size &&
            memoriesOf(size.cpu).map((memory) => (
              <option key={memory} value={memory}>
                {memory / 1024} GiB
              </option>
            ))}
        </select>
      </label>
    </>
  );
}

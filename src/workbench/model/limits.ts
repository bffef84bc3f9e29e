import { ConflictError, type Details, type Fault } from '../../lib/errors.ts';
import type { Size } from './fargateSizes.ts';

/** What there may be at most; undefined: any number. */
export type Limits = Readonly<{
  /** A user's workbenches. */
  workbenches: number | undefined;
  /** Those of them that are neither stopped nor being destroyed. */
  running: number | undefined;
  /** The same of all users together. */
  allRunning: number | undefined;
  /** A workbench's CPU units and MiB. */
  cpu: number | undefined;
  memory: number | undefined;
}>;

/** What a user has of what is limited; the ids are those of the workbenches that run. */
export type Usage = Readonly<{ workbenches: number; running: number; runningIds: readonly string[] }>;

const wording: Readonly<Record<Details['limit'], (max: number) => string>> = {
  workbenches: (max) => `You may have ${max} workbenches at most; destroy one that you don't need`,
  running: (max) => `You may run ${max} workbenches at a time; stop one first`,
  all_running: (max) => `All users together may run ${max} workbenches here; try again when others have stopped theirs`,
};

/** One more would be too many. No wait helps, so nothing says when to come back. */
export function quotaExceeded(details: Details): ConflictError {
  return new ConflictError(wording[details.limit](details.max), { code: 'quota_exceeded', details });
}

/** What of a size is over the limit. */
export function sizeFaults({ cpu, memory }: Partial<Size>, max: Pick<Limits, 'cpu' | 'memory'>): readonly Fault[] {
  const over = (field: string, value = 0, most = Number.POSITIVE_INFINITY): readonly Fault[] =>
    value > most ? [{ field, message: `must be at most ${most}` }] : [];
  return [...over('requested_cpu', cpu, max.cpu), ...over('requested_memory', memory, max.memory)];
}

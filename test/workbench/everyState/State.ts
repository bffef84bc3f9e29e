import type { Timings } from '../../../src/lib/timings.ts';
import type { World } from './World.ts';

export type State = Readonly<{
  name: string;
  /** Brings workbenches that run into the state. */
  arrange(world: World, ids: readonly string[]): Promise<void>;
  /** Once the operations are answered: what made the state last no longer does. */
  release?(world: World): void;
  /** An operator started a task beside another: more than one lives, but not by the controller's doing. */
  doubled?: boolean;
  /** What only an operator can do, where the user's stop and destroy can't lead out. */
  repair?(world: World, ids: readonly string[]): Promise<void>;
  /** Where the controller has to be more patient than with the others. */
  pace?: Partial<Timings>;
}>;

export const lostTask = '0123456789abcdef0123456789abcdef';

export const each = (arrange: (world: World, id: string) => Promise<unknown>): State['arrange'] => {
  return async (world, ids) => {
    await Promise.all(ids.map((id) => arrange(world, id)));
  };
};

export const tagged = (name: string, value: string | undefined, before?: 'stopped'): State => ({
  name: `${before ?? 'running'}, its tag ${name} ${value === undefined ? 'removed' : `set to "${value}"`}`,
  arrange: each(async (world, id) => {
    if (before) await world.stop(id);
    await world.tag(id, name, value);
  }),
});

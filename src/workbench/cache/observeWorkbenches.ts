import type { Context } from '../../lib/Context.ts';
import type { Workbenches } from '../ports.ts';
import type { RecordStore } from './RecordStore.ts';

/** The workbenches as operations use them: AWS is always asked, and the store learns from what it answers. */
export function observeWorkbenches(workbenches: Workbenches, store: RecordStore, { clock }: Context): Workbenches {
  return {
    async create(draft, token) {
      const workbench = await workbenches.create(draft, token);
      store.observe(workbench, clock.monotonic());
      return workbench;
    },
    async find(id) {
      const askedAt = clock.monotonic();
      const workbench = await workbenches.find(id);
      if (workbench) store.observe(workbench, askedAt);
      else store.observeMissing(id, askedAt);
      return workbench;
    },
    async write(id, changes) {
      const written = await workbenches.write(id, changes);
      if (written) store.written(id, changes);
      else store.observeMissing(id, clock.monotonic());
      return written;
    },
    async remove(id) {
      await workbenches.remove(id);
      store.observeMissing(id, clock.monotonic());
    },
  };
}

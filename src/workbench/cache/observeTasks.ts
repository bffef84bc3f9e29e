import type { CallBudget } from '../../lib/CallBudget.ts';
import type { Context } from '../../lib/Context.ts';
import type { Task } from '../model/Task.ts';
import type { Tasks } from '../ports.ts';
import type { TaskStore } from './TaskStore.ts';

/**
 * The tasks as operations use them, and as the poller looks at them: never from memory, never waiting for the budget,
 * but counted against it. Whatever ECS answers goes into the store, so that what this process does itself is seen by
 * its next read.
 */
export function observeTasks(tasks: Tasks, store: TaskStore, budget: CallBudget, { clock }: Context): Tasks {
  function observed(shown: readonly Task[]): readonly Task[] {
    const byId = new Map(shown.map((task) => [task.id, task]));
    store.observe([...byId.keys()], byId, clock.monotonic());
    return shown.map((task) => store.asAgreed(task));
  }

  return {
    async launch(request) {
      const launch = await tasks.launch(request);
      if (launch.kind === 'launched' && launch.task) store.launched(launch.task);
      return launch;
    },
    async describe(taskIds) {
      if (taskIds.length === 0) return new Map();
      budget.spend();
      const askedAt = clock.monotonic();
      const shown = await tasks.describe(taskIds);
      store.observe(taskIds, shown, askedAt);
      return new Map([...shown].map(([id, task]) => [id, store.asAgreed(task)]));
    },
    async running(workbenchId) {
      budget.spend();
      return observed(await tasks.running(workbenchId));
    },
    async living(workbenchId) {
      budget.spend();
      budget.spend();
      return observed(await tasks.living(workbenchId));
    },
    async stop(taskId, reason) {
      try {
        const known = await tasks.stop(taskId, reason);
        if (known) store.stopAgreed(taskId);
        return known;
      } finally {
        store.invalidate(taskId);
      }
    },
  };
}

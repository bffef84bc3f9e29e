import type { Context } from '../../lib/Context.ts';
import type { CountedCalls } from '../../lib/createPatientCalls.ts';
import type { Task } from '../model/Task.ts';
import type { Tasks } from '../ports.ts';
import type { TaskStore } from './TaskStore.ts';

/**
 * The tasks as operations use them, and as the poller looks at them: never from memory. Whatever ECS answers goes into
 * the store, so that what this process does itself is seen by its next read.
 * @param calls what they are counted against, and wait for where nobody waits for them
 */
export function observeTasks(tasks: Tasks, store: TaskStore, calls: CountedCalls, { clock }: Context): Tasks {
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
      await calls.take();
      const askedAt = clock.monotonic();
      const shown = await tasks.describe(taskIds);
      store.observe(taskIds, shown, askedAt);
      return new Map([...shown].map(([id, task]) => [id, store.asAgreed(task)]));
    },
    async running(workbenchId) {
      await calls.take();
      const shown = await tasks.running(workbenchId);
      // They were described as well.
      if (shown.length > 0) calls.spend();
      return observed(shown);
    },
    async allRunning() {
      await calls.take();
      return await tasks.allRunning();
    },
    async living(workbenchId) {
      // Two lists, and those in them described.
      for (let call = 0; call < 3; call++) await calls.take();
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

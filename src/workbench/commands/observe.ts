import { beingDestroyed, noSuchWorkbench } from '../model/errors.ts';
import type { Task } from '../model/Task.ts';
import type { Workbench } from '../model/Workbench.ts';
import type { Tasks, Workbenches } from '../ports.ts';

/** The record of a workbench that is there to stay. @throws NotFoundError, ConflictError */
export async function findUsable(workbenches: Workbenches, id: string): Promise<Workbench> {
  const workbench = await workbenches.find(id);
  if (!workbench) throw noSuchWorkbench();
  if (workbench.destroy) throw beingDestroyed();
  return workbench;
}

/** A task as ECS shows it now. */
export async function describeTask(tasks: Tasks, taskId: string | undefined): Promise<Task | undefined> {
  return taskId === undefined ? undefined : (await tasks.describe([taskId])).get(taskId);
}

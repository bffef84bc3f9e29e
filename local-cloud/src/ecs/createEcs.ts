import type { Operations } from '../operation.ts';
import { createArns } from './arns.ts';
import { clusterOperations } from './clusterOperations.ts';
import type { EcsContext } from './EcsContext.ts';
import type { EcsDependencies } from './EcsDependencies.ts';
import type { StoredTaskDefinition } from './StoredTaskDefinition.ts';
import type { StopCode, Task } from './Task.ts';
import { TaskDefinitions } from './TaskDefinitions.ts';
import { TaskLives } from './TaskLives.ts';
import { TaskStore } from './TaskStore.ts';
import { tagOperations } from './tagOperations.ts';
import { taskDefinitionLists } from './taskDefinitionLists.ts';
import { taskDefinitionOperations } from './taskDefinitionOperations.ts';
import { taskOperations } from './taskOperations.ts';

export type Ecs = Readonly<{
  operations: Operations;
  /** Ends a task as AWS itself would: for tests and simulations. */
  stopTaskAs(taskArn: string, stopCode: StopCode, reason: string): void;
  /** What there is, whether its calls show it yet or not. Not to be changed. */
  tasks(): Iterable<Readonly<Task>>;
  taskDefinitions(): Iterable<StoredTaskDefinition>;
  /** Ends every task, and the runtime. */
  close(): Promise<void>;
}>;

/** ECS with one cluster, whose tasks run in the given runtime. Tasks don't survive it; task definitions do. */
export function createEcs(dependencies: EcsDependencies): Ecs {
  const arns = createArns(dependencies.region, dependencies.accountId, dependencies.cluster);
  const taskDefinitions = new TaskDefinitions(dependencies, arns);
  const tasks = new TaskStore(dependencies.now);
  const lives = new TaskLives({
    ...dependencies,
    onStopped(task) {
      tasks.ended(task);
      const definition = taskDefinitions.find(task.definition.taskDefinitionArn);
      const isOrphaned = definition !== undefined && !tasks.isInUse(definition.taskDefinitionArn);
      if (isOrphaned && definition.status === 'DELETE_IN_PROGRESS') taskDefinitions.remove(definition);
    },
  });
  const context: EcsContext = { ...dependencies, arns, taskDefinitions, tasks, lives };
  const tagging = tagOperations(context);

  return {
    operations: {
      ...taskDefinitionOperations(context),
      ...taskDefinitionLists(context),
      ...taskOperations(context),
      ...clusterOperations(context, tagging.clusterTags),
      ...tagging.operations,
    },
    stopTaskAs(taskArn, stopCode, reason) {
      const task = tasks.get(arns.taskId(taskArn));
      if (task === undefined) throw new Error(`No such task: ${taskArn}`);
      lives.stop(task, stopCode, reason);
    },
    tasks: () => tasks.list({}).after(0),
    taskDefinitions: () => taskDefinitions.all(),
    close: () => lives.close(),
  };
}

import type { Task } from './Task.ts';
import { TaskList } from './TaskList.ts';

const rememberedMs = 60 * 60 * 1000;

/** How much the tasks use that haven't ended. */
export type Usage = Readonly<{ vcpu: number; memoryMiB: number; gpus: number; tasks: number }>;

/** All tasks that ECS still knows, each group of them in the order of creation. */
export class TaskStore {
  readonly #tasks = new Map<string, Task>();
  readonly #all = new TaskList();
  readonly #byFamily = new Map<string, TaskList>();
  readonly #byStartedBy = new Map<string, TaskList>();
  /** By the ARN of their task definition. */
  readonly #unended = new Map<string, TaskList>();
  /** In the order in which they stopped, so that the ones to forget are in front. */
  readonly #stopped = new Set<Task>();
  readonly #now: () => number;
  readonly #forgetters: ((task: Task) => void)[] = [];
  #usage: Usage = { vcpu: 0, memoryMiB: 0, gpus: 0, tasks: 0 };

  constructor(now: () => number) {
    this.#now = now;
  }

  get usage(): Usage {
    return this.#usage;
  }

  /** Calls back for each task that ECS has forgotten, when that is noticed. */
  onForgotten(listener: (task: Task) => void): void {
    this.#forgetters.push(listener);
  }

  add(task: Task): void {
    this.#tasks.set(task.id, task);
    this.#all.add(task);
    addTo(this.#byFamily, task.definition.family, task);
    addTo(this.#unended, task.definition.taskDefinitionArn, task);
    if (task.startedBy !== undefined) addTo(this.#byStartedBy, task.startedBy, task);
    this.#count(task, 1);
  }

  /** Ended tasks stay for an hour, but they use nothing any more. */
  ended(task: Task): void {
    this.#stopped.add(task);
    removeFrom(this.#unended, task.definition.taskDefinitionArn, task);
    this.#count(task, -1);
  }

  get(taskId: string): Task | undefined {
    this.forget();
    return this.#tasks.get(taskId);
  }

  has(taskId: string): boolean {
    return this.#tasks.has(taskId);
  }

  /** The narrowest group that holds all tasks of this family, or started by this one. */
  list(filter: Readonly<{ family?: string | undefined; startedBy?: string | undefined }>): TaskList {
    this.forget();
    if (filter.family !== undefined) return this.#byFamily.get(filter.family) ?? new TaskList();
    if (filter.startedBy !== undefined) return this.#byStartedBy.get(filter.startedBy) ?? new TaskList();
    return this.#all;
  }

  isInUse(taskDefinitionArn: string): boolean {
    return this.#unended.has(taskDefinitionArn);
  }

  /** Lets go of the tasks that ended over an hour ago. */
  forget(): void {
    const oldest = this.#now() - rememberedMs;
    for (const task of this.#stopped) {
      if (task.stoppedAt === undefined || task.stoppedAt > oldest) return;
      this.#stopped.delete(task);
      this.#tasks.delete(task.id);
      this.#all.remove(task);
      removeFrom(this.#byFamily, task.definition.family, task);
      if (task.startedBy !== undefined) removeFrom(this.#byStartedBy, task.startedBy, task);
      for (const tell of this.#forgetters) tell(task);
    }
  }

  #count(task: Task, sign: 1 | -1): void {
    const { vcpu, memoryMiB, gpus } = sizeOf(task);
    this.#usage = {
      vcpu: this.#usage.vcpu + sign * vcpu,
      memoryMiB: this.#usage.memoryMiB + sign * memoryMiB,
      gpus: this.#usage.gpus + sign * gpus,
      tasks: this.#usage.tasks + sign,
    };
  }
}

type Sized = Pick<Task, 'cpu' | 'memory' | 'definition' | 'overrides'>;

/** What a task takes away from the capacity. EC2 tasks may leave their size to their container. */
export function sizeOf({ cpu, memory, definition, overrides }: Sized): Omit<Usage, 'tasks'> {
  const [container] = definition.containerDefinitions;
  const override = overrides.containerOverrides.find(({ name }) => name === container?.name);
  const required = override?.resourceRequirements ?? container?.resourceRequirements ?? [];
  const gpu = required.find(({ type }) => type === 'GPU');
  return {
    vcpu: Number(cpu ?? container?.cpu ?? 0) / 1024,
    gpus: Number(gpu?.value === 'ALL' ? 1 : (gpu?.value ?? 0)),
    memoryMiB: Number(memory ?? container?.memory ?? container?.memoryReservation ?? 0),
  };
}

function addTo(index: Map<string, TaskList>, key: string, task: Task): void {
  const tasks = index.get(key) ?? new TaskList();
  tasks.add(task);
  index.set(key, tasks);
}

function removeFrom(index: Map<string, TaskList>, key: string, task: Task): void {
  const tasks = index.get(key);
  tasks?.remove(task);
  if (tasks?.isEmpty) index.delete(key);
}

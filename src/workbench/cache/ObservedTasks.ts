import type { CallBudget } from '../../lib/CallBudget.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Task } from '../model/Task.ts';
import type { Launch, LaunchRequest, Tasks } from '../ports.ts';
import type { TaskSightings } from './TaskSightings.ts';

type Dependencies = Readonly<{ tasks: Tasks; sightings: TaskSightings; budget: CallBudget; clock: Clock }>;

/**
 * The tasks as operations use them, and as the board looks at them: never from memory, never waiting for the budget,
 * but counted against it. Whatever ECS answers is noted among the sightings, so that what this process does itself is
 * seen by its next read.
 */
export class ObservedTasks implements Tasks {
  readonly #tasks: Tasks;
  readonly #sightings: TaskSightings;
  readonly #budget: CallBudget;
  readonly #clock: Clock;

  constructor({ tasks, sightings, budget, clock }: Dependencies) {
    this.#tasks = tasks;
    this.#sightings = sightings;
    this.#budget = budget;
    this.#clock = clock;
  }

  async launch(request: LaunchRequest): Promise<Launch> {
    const launch = await this.#tasks.launch(request);
    if (launch.kind === 'launched' && launch.task) {
      this.#sightings.announce(launch.taskId, launch.task, this.#clock.monotonic());
    }
    return launch;
  }

  async describe(taskIds: readonly string[]): Promise<ReadonlyMap<string, Task>> {
    if (taskIds.length === 0) return new Map();
    this.#budget.spend();
    const askedAt = this.#clock.monotonic();
    const shown = await this.#tasks.describe(taskIds);
    this.#sightings.putAll(taskIds, shown, askedAt, this.#clock.monotonic());
    return new Map([...shown].map(([id, task]) => [id, this.#sightings.asAgreed(task)]));
  }

  async running(workbenchId: string): Promise<readonly Task[]> {
    this.#budget.spend();
    return this.#note(await this.#tasks.running(workbenchId));
  }

  async living(workbenchId: string): Promise<readonly Task[]> {
    this.#budget.spend();
    this.#budget.spend();
    return this.#note(await this.#tasks.living(workbenchId));
  }

  async stop(taskId: string, reason: string): Promise<boolean> {
    try {
      const known = await this.#tasks.stop(taskId, reason);
      if (known) this.#sightings.markStopping(taskId, this.#clock.monotonic());
      return known;
    } finally {
      this.#sightings.outdate(taskId, this.#clock.monotonic());
    }
  }

  #note(tasks: readonly Task[]): readonly Task[] {
    const now = this.#clock.monotonic();
    for (const task of tasks) this.#sightings.put(task.id, task, now, now);
    return tasks.map((task) => this.#sightings.asAgreed(task));
  }
}

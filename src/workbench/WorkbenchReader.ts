import type { Clock } from '../lib/clock.ts';
import type { Pace } from './Pace.ts';
import type { Tasks, Workbenches } from './ports.ts';
import type { Moment } from './status.ts';
import type { Task } from './Task.ts';
import { viewOf } from './viewOf.ts';
import { lastTask, type Workbench } from './Workbench.ts';
import type { WorkbenchView } from './WorkbenchView.ts';

/** What the cloud shows of workbenches now. */
export class WorkbenchReader {
  readonly #workbenches: Workbenches;
  readonly #tasks: Tasks;
  readonly #clock: Clock;
  readonly #pace: Pace;

  constructor(dependencies: Readonly<{ workbenches: Workbenches; tasks: Tasks; clock: Clock; pace: Pace }>) {
    this.#workbenches = dependencies.workbenches;
    this.#tasks = dependencies.tasks;
    this.#clock = dependencies.clock;
    this.#pace = dependencies.pace;
  }

  /** A user's workbenches, oldest first; those being destroyed are left out. */
  async listOf(userId: string): Promise<readonly WorkbenchView[]> {
    const own: Workbench[] = [];
    for await (const page of this.#workbenches.pages()) {
      own.push(...page.filter((workbench) => workbench.userId === userId && !workbench.destroy));
    }
    own.sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1));
    return await this.views(own);
  }

  async views(workbenches: readonly Workbench[]): Promise<readonly WorkbenchView[]> {
    const tasks = await this.#tasks.describe(workbenches.flatMap((workbench) => lastTask(workbench)?.taskId ?? []));
    const moment = this.#moment();
    return workbenches.map((workbench) => viewOf(workbench, tasks.get(lastTask(workbench)?.taskId ?? ''), moment));
  }

  async view(workbench: Workbench): Promise<WorkbenchView> {
    const taskId = lastTask(workbench)?.taskId;
    const tasks = taskId ? await this.#tasks.describe([taskId]) : undefined;
    return this.viewWith(workbench, tasks?.get(taskId ?? ''));
  }

  /** As view, with a task that ECS has shown just now. */
  viewWith(workbench: Workbench, task: Task | undefined): WorkbenchView {
    return viewOf(workbench, task, this.#moment());
  }

  #moment(): Moment {
    return { now: this.#clock.now(), visibilityGraceMs: this.#pace.visibilityGraceMs };
  }

  async find(id: string): Promise<Workbench | undefined> {
    return await this.#workbenches.find(id);
  }
}

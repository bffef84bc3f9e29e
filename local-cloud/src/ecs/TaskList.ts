import { firstIndex } from './paginate.ts';
import type { Task } from './Task.ts';

/** Tasks in the order of their creation, of which any page can be read without going through those before it. */
export class TaskList {
  readonly #tasks: Task[] = [];

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  /** The task has to be newer than all others. */
  add(task: Task): void {
    this.#tasks.push(task);
  }

  remove(task: Task): void {
    const index = this.#indexAfter(task.sequence - 1);
    if (this.#tasks[index] === task) this.#tasks.splice(index, 1);
  }

  *after(sequence: number): Generator<Task> {
    for (let index = this.#indexAfter(sequence); index < this.#tasks.length; index += 1) {
      const task = this.#tasks[index];
      if (task !== undefined) yield task;
    }
  }

  #indexAfter(sequence: number): number {
    return firstIndex(this.#tasks, (task) => task.sequence > sequence);
  }
}

/** How soon a task is to be polled: at once, as its state will change, or as it may. */
export type Urgency = 'now' | 'moving' | 'steady';

const urgencies: readonly Urgency[] = ['now', 'moving', 'steady'];

/** The part of a batch that moving tasks leave to steady ones, so that none is never polled. */
const STEADY_SHARE = 0.2;

/** Which tasks to poll next: each urgency in the order of the last poll, the longest ago first. */
export class PollQueue {
  readonly #queues: Readonly<Record<Urgency, Set<string>>> = { now: new Set(), moving: new Set(), steady: new Set() };

  get size(): number {
    return urgencies.reduce((sum, urgency) => sum + this.#queues[urgency].size, 0);
  }

  has(taskId: string): boolean {
    return urgencies.some((urgency) => this.#queues[urgency].has(taskId));
  }

  /** Puts a task at the end of its queue, and out of any other. */
  add(taskId: string, urgency: Urgency): void {
    this.remove(taskId);
    this.#queues[urgency].add(taskId);
  }

  remove(taskId: string): void {
    for (const urgency of urgencies) this.#queues[urgency].delete(taskId);
  }

  /**
   * Takes out the next tasks. `due` is asked of each: `drop` takes it out for good, `later` leaves it and all behind
   * it. Where one is due, those that will be due next fill the batch: they cost no call of their own, and from then
   * on come due together.
   */
  take(most: number, due: (taskId: string) => 'now' | 'later' | 'drop'): string[] {
    const taken: string[] = [];
    const takeFrom = (urgency: Urgency, limit: number, early = false): void => {
      for (const taskId of this.#queues[urgency]) {
        if (taken.length >= limit) return;
        const answer = due(taskId);
        if (answer === 'later' && !early) return;
        this.#queues[urgency].delete(taskId);
        if (answer !== 'drop') taken.push(taskId);
      }
    };
    takeFrom('now', most);
    takeFrom('moving', Math.floor(most * (1 - STEADY_SHARE)));
    takeFrom('steady', most);
    takeFrom('moving', most);
    if (taken.length > 0) for (const urgency of urgencies) takeFrom(urgency, most, true);
    return taken;
  }
}

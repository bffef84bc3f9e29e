/** Calls by operation and outcome: `ok`, an error's name, `timeout` or `reset`. */
export type CallCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export class CallCounter {
  readonly #counts = new Map<string, Map<string, number>>();

  /** @param call the operation's name, with its service before it where both have it: `ecs:TagResource` */
  count(call: string, outcome: string): void {
    const outcomes = this.#counts.get(call) ?? new Map<string, number>();
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    this.#counts.set(call, outcomes);
  }

  snapshot(): CallCounts {
    return Object.fromEntries([...this.#counts].map(([call, outcomes]) => [call, Object.fromEntries(outcomes)]));
  }

  clear(): void {
    this.#counts.clear();
  }
}

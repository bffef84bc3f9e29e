import { AwsError } from '../awsError.ts';
import type { Arns } from './arns.ts';
import type { RunTaskRequest } from './runTaskRequest.ts';
import type { TaskStore } from './TaskStore.ts';

const lifetimeMs = 24 * 60 * 60 * 1000;

/** What a RunTask came to. */
export type Launch = Readonly<{ taskIds: readonly string[]; failures: readonly object[] }>;

type Kept = Launch & Readonly<{ request: string; at: number }>;

/** RunTask's idempotency: what each `clientToken` has led to. */
export class ClientTokens {
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #tasks: TaskStore;
  readonly #arns: Arns;
  readonly #now: () => number;

  constructor(tasks: TaskStore, arns: Arns, now: () => number) {
    this.#tasks = tasks;
    this.#arns = arns;
    this.#now = now;
  }

  /** @throws AwsError when the token was used for a request with other parameters */
  find(request: RunTaskRequest): Launch | undefined {
    this.#expire();
    const kept = request.clientToken === undefined ? undefined : this.#kept.get(request.clientToken);
    if (kept === undefined || this.#isOver(kept)) return undefined;
    if (kept.request !== canonical(request)) {
      throw new AwsError(
        'ConflictException',
        'The RunTask request could not be processed due to conflicts. The provided clientToken is already in use with a different RunTask request.',
        400,
        { resourceIds: kept.taskIds.map((id) => this.#arns.task(id)) },
      );
    }
    return kept;
  }

  keep(request: RunTaskRequest, launch: Launch): void {
    if (request.clientToken === undefined) return;
    // Deleted first, so that it goes to the end.
    this.#kept.delete(request.clientToken);
    this.#kept.set(request.clientToken, { ...launch, request: canonical(request), at: this.#now() });
  }

  #expire(): void {
    for (const [token, kept] of this.#kept) {
      if (kept.at + lifetimeMs > this.#now()) return;
      this.#kept.delete(token);
    }
  }

  /** A token outlives its tasks by one hour, which is how long they are remembered; a failure, which has none, by a day. */
  #isOver({ taskIds }: Kept): boolean {
    return taskIds.length > 0 && taskIds.every((id) => this.#tasks.get(id) === undefined);
  }
}

/** The same text for the same parameters, in whatever order they came. */
function canonical(request: RunTaskRequest): string {
  return JSON.stringify(request, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

import { createHash } from 'node:crypto';
import { AwsError } from '../awsError.ts';
import type { Arns } from './arns.ts';
import type { RunTaskRequest } from './runTaskRequest.ts';
import type { TaskStore } from './TaskStore.ts';

const longestMs = 24 * 60 * 60 * 1000;

/** What a RunTask came to. */
export type Launch = Readonly<{ taskIds: readonly string[]; failures: readonly object[] }>;

type Kept = Launch & Readonly<{ fingerprint: string; at: number }>;

/**
 * RunTask's idempotency: what each `clientToken` has led to. A token lives for a day, or for as long as its tasks are
 * remembered, which is until an hour after their end, if that is shorter; one that led to failures alone, for a day.
 */
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
    tasks.onForgotten(({ clientToken = '' }) => {
      const kept = this.#kept.get(clientToken);
      if (kept?.taskIds.every((id) => !tasks.has(id))) this.#kept.delete(clientToken);
    });
  }

  get size(): number {
    return this.#kept.size;
  }

  /** @throws AwsError when the token was used for a request with other parameters */
  find(request: RunTaskRequest): Launch | undefined {
    this.#expire();
    this.#tasks.forget();
    const kept = request.clientToken === undefined ? undefined : this.#kept.get(request.clientToken);
    if (kept === undefined) return undefined;
    if (kept.fingerprint !== fingerprintOf(request)) {
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
    this.#kept.set(request.clientToken, { ...launch, fingerprint: fingerprintOf(request), at: this.#now() });
  }

  #expire(): void {
    for (const [token, kept] of this.#kept) {
      if (kept.at + longestMs > this.#now()) return;
      this.#kept.delete(token);
    }
  }
}

/** The same for the same parameters, in whatever order they came. */
function fingerprintOf(request: RunTaskRequest): string {
  const canonical = JSON.stringify(request, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(canonical).digest('base64');
}

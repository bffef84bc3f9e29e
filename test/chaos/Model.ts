import type { LocalCloud } from '@workbench/local-cloud';
import { isAlive, isPurge, workbenchIdOf } from '../support/invariants.ts';

/** Where one thing stands before or after another: a count of all that happened. */
type Tick = number;

/**
 * `ok`: acknowledged. `refused`: a 4xx, it never happened. `lost`: it happened by now or never will, because the
 * controller died. `open`: it may still happen.
 */
export type Result = 'ok' | 'refused' | 'lost' | 'open';

export type Request = {
  readonly operation: 'create' | 'start' | 'stop' | 'destroy' | 'end';
  readonly sent: Tick;
  ended: Tick;
  /** By the wall's clock. */
  endedAt: number;
  result: Result;
};

type Known = {
  readonly owner: string;
  /** Promised by a 201. */
  acknowledged: boolean;
  readonly requests: Request[];
};

type KeyUse = { readonly bodies: Set<number>; acknowledged: { id: string; body: number } | undefined };

/** Lists come from memory: what other controllers did is in them after a scan, and scans fail in bad weather. */
const LISTS_LAG_MS = 30_000;

/** What the users have been told, and what they may expect after that. */
export class Model {
  readonly #workbenches = new Map<string, Known>();
  readonly #keys = new Map<string, KeyUse>();
  #tick: Tick = 0;

  now(): Tick {
    this.#tick += 1;
    return this.#tick;
  }

  ids(): readonly string[] {
    return [...this.#workbenches.keys()];
  }

  ownerOf(id: string): string | undefined {
    return this.#workbenches.get(id)?.owner;
  }

  /** A list showed it, or a 201. */
  learn(id: string, owner: string): Known {
    const known = this.#workbenches.get(id) ?? { owner, acknowledged: false, requests: [] };
    this.#workbenches.set(id, known);
    return known;
  }

  begin(operation: Request['operation'], id: string): Request {
    const request: Request = {
      operation,
      sent: this.now(),
      ended: Number.POSITIVE_INFINITY,
      endedAt: Number.POSITIVE_INFINITY,
      result: 'open',
    };
    this.#workbenches.get(id)?.requests.push(request);
    return request;
  }

  end(request: Request, result: Result): void {
    request.result = result;
    // What may still happen has no end.
    if (result === 'open') return;
    request.ended = this.now();
    request.endedAt = Date.now();
  }

  /** A 201. With a key it may be an old workbench, which is not started again. */
  created(id: string, owner: string, sent: Tick): void {
    const result = this.#workbenches.has(id) ? 'lost' : 'ok';
    const known = this.learn(id, owner);
    known.acknowledged = true;
    known.requests.push({ operation: 'create', sent, ended: this.now(), endedAt: Date.now(), result });
  }

  mayBeGone(id: string): boolean {
    const known = this.#workbenches.get(id);
    return (
      !known?.acknowledged ||
      known.requests.some(({ operation, result }) => operation === 'destroy' && result !== 'refused')
    );
  }

  keySent(user: string, key: number, body: number): void {
    this.#useOf(user, key).bodies.add(body);
  }

  /** @returns what is wrong with this answer to a create with a key */
  keyAnswered(user: string, key: number, body: number, status: number, id: string | undefined): string | undefined {
    const use = this.#useOf(user, key);
    if (status === 422) return use.bodies.size > 1 ? undefined : `422 although key ${key} came with one body only`;
    if (status !== 201 || id === undefined) return undefined;
    const before = use.acknowledged;
    if (!before || before.id === id || this.mayBeGone(before.id)) {
      const other = before?.id === id && before.body !== body;
      use.acknowledged = { id, body };
      return other ? `key ${key} was answered ${id} for another body` : undefined;
    }
    return `key ${key} made ${id}, although it had made ${before.id}`;
  }

  #useOf(user: string, key: number): KeyUse {
    const use = this.#keys.get(`${user} ${key}`) ?? { bodies: new Set<number>(), acknowledged: undefined };
    this.#keys.set(`${user} ${key}`, use);
    return use;
  }

  /** What a list that was answered just now has to have, and must not. */
  faultsOfList(user: string, shown: ReadonlySet<string>): string[] {
    const longAgo = Date.now() - LISTS_LAG_MS;
    return [...this.#workbenches].flatMap(([id, { owner, acknowledged, requests }]) => {
      if (owner !== user) return shown.has(id) ? [`the list of ${user} has ${id}, which is ${owner}'s`] : [];
      const destroys = requests.filter(({ operation, result }) => operation === 'destroy' && result !== 'refused');
      const createdBefore = acknowledged && requests.some((one) => one.operation === 'create' && one.endedAt < longAgo);
      if (createdBefore && destroys.length === 0 && !shown.has(id)) return [`the list of ${user} lacks ${id}`];
      const gone = destroys.some(({ result, endedAt }) => result === 'ok' && endedAt < longAgo);
      return gone && shown.has(id) ? [`the list of ${user} has ${id}, which was destroyed`] : [];
    });
  }

  /** What is not as the users were told, now that all is calm. Empties as things settle. */
  unmet(cloud: LocalCloud): string[] {
    const { accessPoints, tasks } = cloud.look();
    const there = new Set(accessPoints.map(workbenchIdOf));
    const unmet: string[] = [];
    for (const [id, { acknowledged, requests }] of this.#workbenches) {
      const destroys = requests.filter(({ operation, result }) => operation === 'destroy' && result !== 'refused');
      if (destroys.some(({ result }) => result === 'ok') && there.has(id)) unmet.push(`(e) ${id} was to be destroyed`);
      if (destroys.length > 0 || !acknowledged) continue;
      if (!there.has(id)) {
        unmet.push(`(e) ${id} was created, never destroyed, and is gone`);
        continue;
      }
      const running = tasks.some(
        (task) => isAlive(task) && !isPurge(task) && task.definition.family.endsWith(`-${id}`),
      );
      const wanted = mayBeRunning(requests);
      if (wanted === true && !running) unmet.push(`(e) ${id} was started and does not run`);
      if (wanted === false && running) unmet.push(`(e) ${id} was stopped and runs`);
    }
    return unmet;
  }
}

/** True or false where the requests leave but one of the two. */
function mayBeRunning(requests: readonly Request[]): boolean | undefined {
  const happened = requests.filter(({ result }) => result !== 'refused');
  const acknowledged = happened.filter(({ result }) => result === 'ok');
  const last = happened.filter((one) => !acknowledged.some((later) => later.sent > one.ended));
  const ways = new Set(last.map(({ operation }) => operation === 'create' || operation === 'start'));
  return ways.size === 1 ? ways.has(true) : undefined;
}

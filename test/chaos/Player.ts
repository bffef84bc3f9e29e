import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE_MS } from '../support/eventually.ts';
import type { Model, Result } from './Model.ts';
import { type Action, type Step, USERS } from './steps.ts';
import type { World } from './World.ts';

type Item = Readonly<{ workbench_id: string; user_id: string; status: string; status_age_ms: number }>;
type Answer = Readonly<{
  status: number;
  retryAfter: string | null;
  body: Readonly<{
    success?: boolean;
    item?: Item;
    items?: readonly Item[];
    error?: { code: string; message: string };
  }>;
}>;
type Call = Readonly<{ method: string; path: string; user: string; headers?: Record<string, string>; body?: object }>;
type Owned = Extract<Action, { kind: 'start' | 'stop' | 'change' | 'destroy' | 'get' }>;

const names = ['one', 'two'] as const;

/** Does what a scenario's steps say, and holds every answer against the model. */
export class Player {
  readonly violations: string[] = [];
  readonly #world: World;
  readonly #model: Model;
  operations = 0;

  constructor(world: World, model: Model) {
    this.#world = world;
    this.#model = model;
  }

  async play(steps: readonly Step[]): Promise<void> {
    let together: Promise<void>[] = [];
    for (const step of steps) {
      together.push(this.#step(step));
      if (step.together) continue;
      await Promise.all(together);
      together = [];
    }
    await Promise.all(together);
  }

  /** Every user destroys all that the list shows. */
  async destroyAll(): Promise<void> {
    const lists = await Promise.all(USERS.map((user) => this.#list(0, user)));
    const items = lists.flatMap((list) => list ?? []);
    for (const { workbench_id: target, user_id: user } of items) {
      await this.#change('destroy', target, user, 0);
    }
  }

  /** Every controller shows every user the same: what there is. @returns what is wrong with that */
  async compareLists(expected: ReadonlyMap<string, readonly string[]>): Promise<string[]> {
    const wrong: string[] = [];
    for (let index = 0; index < this.#world.replicaCount; index++) {
      for (const user of USERS) {
        const items = await this.#list(index, user);
        const shown = items?.map(({ workbench_id: id, status }) => `${id} ${status}`).sort();
        const wanted = [...(expected.get(user) ?? [])].sort();
        if (shown?.join() !== wanted.join()) {
          const ages = items?.map(({ status_age_ms: age }) => age).join();
          // Whoever finds nothing there may have a machine whose port leads elsewhere.
          const { url } = await this.#world.replica(index);
          const who = `(f) controller ${index + 1} at ${url} lists for ${user}`;
          wrong.push(`${who}: ${shown?.join()} (ages ${ages} ms); the cloud has: ${wanted.join()}`);
        }
      }
    }
    return wrong;
  }

  async #step({ action, controller, user: userIndex, fault, hangUpMs }: Step): Promise<void> {
    const user = USERS[userIndex] ?? USERS[0];
    if (fault) this.#world.arm(fault);
    switch (action.kind) {
      case 'create':
        return await this.#create(action, user, controller, hangUpMs);
      case 'list':
        await this.#list(controller, user, hangUpMs);
        return;
      case 'kill':
        this.#world.armKill(controller, action.calls);
        return;
      case 'taskEnds': {
        const id = this.#pick(action.target);
        if (!id) return;
        const request = this.#model.begin('end', id);
        this.#model.end(request, this.#world.endTask(id, action.how) ? 'lost' : 'refused');
        return;
      }
      case 'nextPurge':
        this.#world.nextPurge(action.how);
        return;
      case 'pause':
        await delay(action.milliseconds);
        return;
      default:
        return await this.#owned(action, controller, hangUpMs);
    }
  }

  #pick(target: number): string | undefined {
    // The latest are the most interesting: those before may be long gone.
    const ids = this.#model.ids().slice(-4);
    return ids[target % ids.length];
  }

  async #create(
    { key, body }: Extract<Action, { kind: 'create' }>,
    user: string,
    controller: number,
    hangUpMs: number | undefined,
  ): Promise<void> {
    if (key !== undefined) this.#model.keySent(user, key, body);
    const sent = this.#model.now();
    const call = {
      method: 'POST',
      path: '',
      user,
      body: { workbench_name: names[body] },
      ...(key === undefined ? {} : { headers: { 'Idempotency-Key': `key-${key}` } }),
    };
    const { answer } = await this.#ask(controller, call, hangUpMs);
    const id = answer?.body.item?.workbench_id;
    if (answer) this.#allow(call, answer, [201, 409, 422, 503]);
    if (answer && key === undefined && [409, 422].includes(answer.status))
      this.#complain(call, answer, 'without a key');
    if (answer && key !== undefined) {
      const wrong = this.#model.keyAnswered(user, key, body, answer.status, id);
      if (wrong) this.#complain(call, answer, wrong);
    }
    if (answer?.status === 201 && id) this.#model.created(id, user, sent);
  }

  async #owned({ kind, target, asOwner }: Owned, controller: number, hangUpMs: number | undefined): Promise<void> {
    const id = this.#pick(target);
    const owner = id && this.#model.ownerOf(id);
    if (!id || !owner) return;
    if (!asOwner) return await this.#foreign(kind, id, owner, controller);
    if (kind === 'change') return await this.#patch(id, owner, controller, hangUpMs);
    if (kind !== 'get') return await this.#change(kind, id, owner, controller, hangUpMs);
    const call = { method: 'GET', path: `/${id}`, user: owner };
    const { answer } = await this.#ask(controller, call, hangUpMs);
    if (!answer) return;
    this.#allow(call, answer, this.#model.mayBeGone(id) ? [200, 404, 503] : [200, 503]);
    if (answer.body.item?.status === 'destroying' && !this.#model.mayBeGone(id)) {
      this.#complain(call, answer, 'nobody destroyed it');
    }
  }

  async #change(
    kind: 'start' | 'stop' | 'destroy',
    id: string,
    owner: string,
    controller: number,
    hangUpMs?: number | undefined,
  ): Promise<void> {
    const request = this.#model.begin(kind, id);
    const call =
      kind === 'destroy'
        ? { method: 'DELETE', path: `/${id}`, user: owner }
        : { method: 'POST', path: `/${id}/${kind}`, user: owner };
    const { answer, died } = await this.#ask(controller, call, hangUpMs);
    this.#model.end(request, resultOf(answer?.status, died));
    if (!answer) return;
    const gone = this.#model.mayBeGone(id);
    const stopping = kind === 'start' && answer.body.error?.code === 'stopping';
    this.#allow(call, answer, [
      200,
      503,
      ...(gone ? [404] : []),
      ...(stopping || (gone && kind !== 'destroy') ? [409] : []),
    ]);
  }

  /** Whatever it is called and however large: its task and its data are to be as without. */
  async #patch(id: string, owner: string, controller: number, hangUpMs: number | undefined): Promise<void> {
    const size = this.operations % 2 === 0 ? { requested_cpu: 512, requested_memory: 1024 } : {};
    const body = { workbench_name: `n${this.operations}`.repeat(1 + (this.operations % 9)), ...size };
    const call = { method: 'PATCH', path: `/${id}`, user: owner, body };
    const { answer } = await this.#ask(controller, call, hangUpMs);
    if (answer) this.#allow(call, answer, this.#model.mayBeGone(id) ? [200, 404, 409, 503] : [200, 503]);
  }

  async #foreign(kind: Owned['kind'], id: string, owner: string, controller: number): Promise<void> {
    const user = USERS.find((one) => one !== owner) ?? '';
    const call = {
      method: { get: 'GET', change: 'PATCH', destroy: 'DELETE', start: 'POST', stop: 'POST' }[kind],
      path: kind === 'start' || kind === 'stop' ? `/${id}/${kind}` : `/${id}`,
      user,
    };
    const { answer } = await this.#ask(controller, call);
    if (answer) this.#allow(call, answer, [404, 503]);
  }

  async #list(controller: number, user: string, hangUpMs?: number | undefined): Promise<readonly Item[] | undefined> {
    const call = { method: 'GET', path: '', user };
    const { answer } = await this.#ask(controller, call, hangUpMs);
    if (answer) this.#allow(call, answer, [200, 503]);
    const items = answer?.body.items;
    if (!answer || !items) return undefined;
    const shown = new Set(items.map(({ workbench_id: id }) => id));
    if (shown.size < items.length) this.#complain(call, answer, 'one is listed twice');
    for (const fault of this.#model.faultsOfList(user, shown)) this.#complain(call, answer, fault);
    for (const id of shown) this.#model.learn(id, user);
    return items;
  }

  async #ask(
    controller: number,
    { method, path, user, headers = {}, body }: Call,
    hangUpMs?: number | undefined,
  ): Promise<Readonly<{ answer: Answer | undefined; died: boolean }>> {
    const replica = await this.#world.replica(controller);
    this.operations += 1;
    try {
      const response = await fetch(`${replica.url}/workbenches${path}?user_id=${user}`, {
        method,
        headers: { ...headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(hangUpMs ?? PATIENCE_MS),
      });
      const answer = {
        status: response.status,
        retryAfter: response.headers.get('retry-after'),
        body: (await response.json()) as Answer['body'],
      };
      return { answer, died: false };
    } catch (error) {
      const hungUp = error instanceof Error && error.name === 'TimeoutError';
      if (hungUp && hangUpMs === undefined) this.violations.push(`${method} ${path} was never answered`);
      return { answer: undefined, died: !hungUp };
    }
  }

  #allow(call: Call, answer: Answer, statuses: readonly number[]): void {
    if (!statuses.includes(answer.status)) this.#complain(call, answer, `not one of ${statuses}`);
    if (answer.status === 503 && !answer.retryAfter) this.#complain(call, answer, 'no Retry-After');
    if (answer.body.success !== answer.status < 300) this.#complain(call, answer, 'no envelope');
  }

  #complain({ method, path, user }: Call, { status, body }: Answer, what: string): void {
    this.violations.push(`${method} ${path || '/'} by ${user} answered ${status}: ${what} ${JSON.stringify(body)}`);
  }
}

function resultOf(status: number | undefined, died: boolean): Result {
  if (status === undefined) return died ? 'lost' : 'open';
  if (status < 300) return 'ok';
  return status < 500 ? 'refused' : 'open';
}

import { setTimeout as delay } from 'node:timers/promises';
import { bearer, type Controller } from '../support/Controller.ts';

const USERS = 50;
const POLL_EVERY_MS = 1_000;
const WAIT_SECONDS = 20;
/** Nothing takes that long but what never comes. */
const PATIENCE_MS = 180_000;

type Item = Readonly<{ item: Readonly<{ workbench_id: string; status: string }> }>;

/** Workbenches that are created, used and destroyed, at an even pace. */
export class Lives {
  readonly #controller: Controller;
  readonly #everyMs: number;
  readonly #going = new AbortController();
  readonly #living = new Set<Promise<void>>();
  readonly failures: string[] = [];
  #pacing: Promise<void> | undefined;
  #ended = 0;

  constructor(controller: Controller, perMinute: number) {
    this.#controller = controller;
    this.#everyMs = 60_000 / perMinute;
  }

  /** Lives that have come to their end. */
  get ended(): number {
    return this.#ended;
  }

  begin(): void {
    this.#pacing ??= this.#pace();
  }

  /** No more begin; those that have are lived to their end. */
  async end(): Promise<void> {
    this.#going.abort();
    await this.#pacing;
    await Promise.all(this.#living);
  }

  async #pace(): Promise<void> {
    const { signal } = this.#going;
    for (let serial = 1; !signal.aborted; serial += 1) {
      const life = this.#live(serial)
        .catch((error: unknown) => void this.failures.push(`life ${serial}: ${String(error)}`))
        .finally(() => {
          this.#ended += 1;
          this.#living.delete(life);
        });
      this.#living.add(life);
      await delay(this.#everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #live(serial: number): Promise<void> {
    const user = `user-${serial % USERS}`;
    const waits = serial % 2 === 0;
    const key: Record<string, string> = serial % 3 === 0 ? { 'Idempotency-Key': `life-${serial}` } : {};
    const call = async (method: string, path: string, headers = {}): Promise<Item> =>
      await this.#controller.call<Item>(method, `/workbenches${path}?user_id=${user}`, user, headers);

    const { item } = await call('POST', '', key);
    const id = item.workbench_id;
    await this.#until(user, id, 'running', waits);
    await call('GET', '');
    if (waits) {
      await call('POST', `/${id}/stop`);
      await this.#until(user, id, 'stopped', waits);
      await call('POST', `/${id}/start`);
      await this.#until(user, id, 'running', waits);
    }
    await call('DELETE', `/${id}`);
    await this.#until(user, id, 'gone', waits);
  }

  async #until(user: string, id: string, wanted: string, waits: boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    const url = `${this.#controller.url}/workbenches/${id}?user_id=${user}`;
    let etag = '';
    for (let last = ''; last !== wanted; ) {
      if (performance.now() > deadline) throw new Error(`${id} is ${last}, and not ${wanted}`);
      const response = await fetch(waits && etag ? `${url}&wait=${WAIT_SECONDS}` : url, {
        headers: { ...bearer(user), ...(etag ? { 'If-None-Match': etag } : {}) },
      });
      etag = response.headers.get('etag') ?? '';
      const text = await response.text();
      if (response.status === 200) last = (JSON.parse(text) as Item).item.status;
      else if (response.status === 404) last = 'gone';
      else if (response.status !== 304 && response.status !== 503) throw new Error(`${response.status} ${text}`);
      if (last !== wanted && !(waits && etag)) await delay(POLL_EVERY_MS);
    }
  }
}

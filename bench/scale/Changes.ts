import { once, setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Expectation, Sights } from '../processes/pollers.ts';
import type { Child } from '../support/Child.ts';
import type { Cloud } from '../support/cloud.ts';
import type { Seeded } from '../support/seed.ts';
import { quantile } from '../support/statistics.ts';

const EVERY_MS = 250;
/** Then it is started again, as by another controller. */
const STOPPED_FOR_MS = 8_000;

type Kind = 'stop' | 'start';
export type Lag = Readonly<{ changes: number; unseen: number; p50Ms: number; p99Ms: number }>;

/**
 * Tasks that are stopped and started past the controller, one after the other, while it is polled. The lag is from
 * ECS's answer (for a start: from the record's) until the first poll that shows the change.
 */
export class Changes {
  readonly #cloud: Cloud;
  readonly #pollers: Child;
  readonly #made: { readonly kind: Kind; readonly at: number }[] = [];
  readonly #until: number;
  readonly #going = new AbortController();
  readonly #ended: Promise<unknown>;

  /** @param forMs no change after that: what is made at the very end cannot be seen before it */
  constructor(cloud: Cloud, pollers: Child, seeded: readonly Seeded[], forMs: number) {
    this.#cloud = cloud;
    this.#pollers = pollers;
    this.#until = performance.now() + forMs;
    // Every workbench that is stopped for now waits on it.
    setMaxListeners(0, this.#going.signal);
    this.#ended = this.#run(seeded);
  }

  /** Every workbench runs again when this returns. */
  async end(): Promise<void> {
    this.#going.abort();
    await this.#ended;
  }

  async lag(kind: Kind): Promise<Lag> {
    const sights = await this.#pollers.ask<Sights>('sights');
    const lags = this.#made.flatMap((made, change) => {
      const sight = sights[change];
      return made.kind === kind ? [sight === undefined ? undefined : sight - made.at] : [];
    });
    const seen = lags.flatMap((lag) => lag ?? []);
    return {
      changes: lags.length,
      unseen: lags.length - seen.length,
      p50Ms: quantile(seen, 0.5),
      p99Ms: quantile(seen, 0.99),
    };
  }

  async #run(seeded: readonly Seeded[]): Promise<void> {
    const cycles: Promise<void>[] = [];
    const { signal } = this.#going;
    // Far apart, so that no two changes concern the same batch of tasks.
    const stride = Math.max(1, Math.floor(seeded.length / 240));
    for (let index = 0; index < seeded.length && !this.#isOver(); index += stride) {
      cycles.push(this.#stopAndStart(seeded, index, signal));
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(cycles);
  }

  async #stopAndStart(seeded: readonly Seeded[], target: number, signal: AbortSignal): Promise<void> {
    const workbench = seeded[target];
    if (!workbench) return;
    await this.#change('stop', target, () => this.#cloud.seeder.stop(workbench));
    await delay(STOPPED_FOR_MS, undefined, { signal }).catch(() => undefined);
    if (!this.#isOver()) return await this.#change('start', target, () => this.#cloud.seeder.start(workbench));
    if (!signal.aborted) await once(signal, 'abort');
    await this.#cloud.seeder.start(workbench);
  }

  #isOver(): boolean {
    return this.#going.signal.aborted || performance.now() > this.#until;
  }

  async #change(kind: Kind, target: number, act: () => Promise<void>): Promise<void> {
    await act();
    const before = kind === 'stop' ? 'running' : 'stopped';
    const change = this.#made.push({ kind, at: Date.now() }) - 1;
    await this.#pollers.ask('expect', { change, target, before } satisfies Expectation);
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LocalCloud, startLocalCloud } from '@workbench/local-cloud';
import { instantTiming } from '@workbench/local-cloud/timing';
import fc from 'fast-check';
import { pino } from 'pino';
import { isAlive, isPurge, watchLiveTasks } from '../support/invariants.ts';
import { ChaosRuntime } from './ChaosRuntime.ts';
import type { Replica, ReplicaSource } from './controllers.ts';
import type { Action, Fault, Scenario } from './steps.ts';

type Ending = Extract<Action, { kind: 'taskEnds' }>['how'];

/** A kill that no AWS call brings about comes after so long all the same. */
const KILL_WITHIN_MS = 200;

/** One scenario's cloud, its controllers, and what goes wrong in them. */
export class World {
  readonly cloud: LocalCloud;
  readonly #dir: string;
  readonly #runtime: ChaosRuntime;
  readonly #watch: ReturnType<typeof watchLiveTasks>;
  readonly #source: ReplicaSource;
  readonly #noise: number;
  readonly #replicas: Promise<Replica>[];
  readonly #ticks: Set<() => void>;
  readonly #kills = new Set<Promise<void>>();
  kills = 0;

  private constructor(parts: {
    cloud: LocalCloud;
    dir: string;
    runtime: ChaosRuntime;
    watch: ReturnType<typeof watchLiveTasks>;
    source: ReplicaSource;
    ticks: Set<() => void>;
    scenario: Scenario;
  }) {
    this.cloud = parts.cloud;
    this.#dir = parts.dir;
    this.#runtime = parts.runtime;
    this.#watch = parts.watch;
    this.#source = parts.source;
    this.#ticks = parts.ticks;
    this.#noise = parts.scenario.noise;
    this.#replicas = Array.from({ length: parts.scenario.controllers }, () => parts.source.start(parts.cloud.url));
    this.#setFaults([]);
  }

  static async open(scenario: Scenario, source: ReplicaSource): Promise<World> {
    const { stateMs, visibilityMs, random } = scenario;
    const dir = await mkdtemp(join(tmpdir(), 'chaos-'));
    const runtime = new ChaosRuntime();
    const watch = watchLiveTasks();
    const ticks = new Set<() => void>();
    const dice = fc.sample(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      numRuns: 997,
      seed: random,
    });
    let thrown = 0;
    const cloud = await startLocalCloud({
      dir,
      port: 0,
      logger: pino({ level: 'silent' }),
      runtime,
      timing: {
        ...instantTiming,
        visibilityMs,
        provisioningMs: stateMs,
        pendingMs: stateMs,
        activatingMs: stateMs,
        stoppingMs: stateMs,
        deprovisioningMs: stateMs,
      },
      random: () => dice[thrown++ % dice.length] ?? 0,
      onCall: (...call) => {
        watch.onCall(...call);
        for (const tick of ticks) tick();
      },
    });
    watch.attach(cloud);
    const world = new World({ cloud, dir, runtime, watch, source, ticks, scenario });
    await Promise.all(world.#replicas);
    return world;
  }

  get replicaCount(): number {
    return this.#replicas.length;
  }

  /** Broken at any moment so far. */
  get violations(): readonly string[] {
    return [...this.#watch.violations, ...this.#runtime.violations];
  }

  async replica(index: number): Promise<Replica> {
    const replica = this.#replicas[index % this.#replicas.length];
    if (!replica) throw new Error('There are no controllers');
    return await replica;
  }

  /** Kills a controller at the nth AWS call from now on, and puts a new one in its place. */
  armKill(index: number, calls: number): void {
    let left = calls;
    let strike: () => void = () => {};
    const struck = new Promise<void>((resolve) => {
      strike = resolve;
    });
    const tick = (): void => {
      left -= 1;
      if (left === 0) this.#kill(index, tick, strike);
    };
    this.#ticks.add(tick);
    const late = delay(KILL_WITHIN_MS).then(() => this.#kill(index, tick, strike));
    const done = Promise.race([struck, late]).then(async () => {
      await this.replica(index);
    });
    this.#kills.add(done);
    void done.finally(() => this.#kills.delete(done));
  }

  #kill(index: number, tick: () => void, strike: () => void): void {
    if (!this.#ticks.delete(tick)) return;
    const place = index % this.#replicas.length;
    const victim = this.#replicas[place];
    this.kills += 1;
    this.#replicas[place] = (async () => {
      (await victim)?.kill();
      return await this.#source.start(this.cloud.url);
    })();
    strike();
  }

  arm({ operation, kind, when, times }: Fault): void {
    this.#setFaults([{ operation, kind, when, times }]);
  }

  nextPurge(how: 'fail' | 'hang'): void {
    this.#runtime.nextPurges.push(how);
  }

  /** @returns whether there was a task to end */
  endTask(workbenchId: string, how: Ending): boolean {
    const { tasks } = this.cloud.look();
    const task = tasks.find(
      (one) => isAlive(one) && !isPurge(one) && one.definition.family.endsWith(`-${workbenchId}`),
    );
    if (!task) return false;
    if (how === 'exit') this.#runtime.exit(task.id, { exitCode: 3, reason: undefined });
    else if (how === 'spot') this.cloud.stopTaskAs(task.arn, 'SpotInterruption', 'Your Spot Task was interrupted.');
    else if (how === 'retired') this.cloud.stopTaskAs(task.arn, 'TerminationNotice', 'ECS is retiring the host.');
    else
      this.#runtime.exit(task.id, { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' });
    return true;
  }

  /** No more faults, and every controller up. */
  async calm(): Promise<void> {
    await Promise.all(this.#kills);
    this.cloud.clearFaults();
    this.#runtime.nextPurges.length = 0;
    await Promise.all(this.#replicas);
  }

  async close(): Promise<void> {
    await Promise.all(this.#kills);
    await Promise.all(this.#replicas.map(async (replica) => (await replica).close()));
    await this.cloud.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  #setFaults(first: Parameters<LocalCloud['setFaults']>[0]): void {
    const often = this.#noise / 1000;
    const noise = (['throttle', 'error', 'reset', 'timeout'] as const).flatMap((kind) =>
      (['before', 'after'] as const).map((when) => ({
        operation: '*',
        kind,
        when,
        // A timeout costs three seconds of waiting.
        probability: kind === 'timeout' ? often / 20 : often,
      })),
    );
    this.cloud.setFaults([...first, ...(often > 0 ? noise : [])]);
  }
}

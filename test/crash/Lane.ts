import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { instantTiming } from '@workbench/local-cloud/timing';
import type { Timings } from '../../src/lib/timings.ts';
import { lastAnswer, PATIENCE_MS } from '../support/eventually.ts';
import { isSettled, startWatchedCloud, type WatchedCloud } from '../support/invariants.ts';
import { startController, type TestController } from '../support/startController.ts';
import { ControllerProcess } from './ControllerProcess.ts';
import { type Answer, type Call, callApi } from './callApi.ts';

export type Phase = 'before' | 'after';

/** ECS shows a new task a little later than it runs. */
export const VISIBILITY_MS = 50;

const pace: Partial<Timings> = {
  visibilityGraceMs: 1_500,
  // What nobody was told of is taken back after twice that.
  answerWithinMs: 3_000,
  launchWithinMs: PATIENCE_MS,
  undoneWithinMs: PATIENCE_MS,
  forgottenAfterMs: 200,
  sweepEveryMs: 300,
  purgePatienceMs: 1_000,
  orphansEveryMs: 150,
};

/** A local cloud and the controller that is killed on it again and again, alone or beside a second one. */
export class Lane {
  readonly cloud: WatchedCloud;
  readonly capacity: { tasks?: number };
  readonly #build: string;
  readonly #names = counter('victim-');
  #victim: ControllerProcess | undefined;
  #spare: ControllerProcess;
  #replica: TestController | undefined;
  #armed: Readonly<{ at: number | string; phase: Phase }> | undefined;
  #calls = { before: 0, after: 0 };
  /** The calls since it was armed, by name. */
  #made: string[] = [];
  #killed: string | undefined;
  #lastCallAt = 0;
  #dying: Promise<void> | undefined;

  private constructor(build: string, cloud: WatchedCloud, capacity: { tasks?: number }) {
    this.#build = build;
    this.cloud = cloud;
    this.capacity = capacity;
    this.#spare = new ControllerProcess(this.#names(), build);
  }

  static async open(build: string, withReplica: boolean): Promise<Lane> {
    const capacity = {};
    let lane: Lane | undefined;
    const cloud = await startWatchedCloud({
      capacity,
      timing: { ...instantTiming, visibilityMs: VISIBILITY_MS },
      onCall: async (...call) => await lane?.onCall(...call),
    });
    lane = new Lane(build, cloud, capacity);
    await lane.#startVictim();
    if (withReplica) lane.#replica = await startController(cloud.cloud.url, {}, { pace });
    return lane;
  }

  /** Asks the controller that is, or is to be, killed. */
  async call(call: Call): Promise<Answer | undefined> {
    return await callApi(this.#victim?.url ?? '', call);
  }

  /**
   * Kills the controller before a call has its effect, or after, before its answer.
   * @param at the number of the call from now on, or the name of which it is the first
   */
  arm(at: number | string, phase: Phase): void {
    this.#calls = { before: 0, after: 0 };
    this.#made = [];
    this.#killed = undefined;
    this.#armed = { at, phase };
  }

  /** The names of the AWS calls that the controller has made since it was armed. */
  get made(): readonly string[] {
    return this.#made;
  }

  /** @returns the call at which the controller was killed, if it came to that */
  async disarm(): Promise<string | undefined> {
    this.#armed = undefined;
    await this.#dying;
    return this.#killed;
  }

  async restart(): Promise<void> {
    await this.#victim?.kill();
    await this.#startVictim();
  }

  /** Waits until nothing is under way. @returns false if that never comes */
  async settle(): Promise<boolean> {
    return await lastAnswer(() => isSettled(this.cloud.cloud) || this.#killed !== undefined, Boolean);
  }

  /** As settle, whatever was killed before. */
  async recover(): Promise<boolean> {
    this.#killed = undefined;
    return await this.settle();
  }

  /** Until the controller has made no AWS call for a moment: what it did by itself at its start is over. */
  async quiet(): Promise<void> {
    while (Date.now() - this.#lastCallAt < 15) await delay(5);
  }

  async close(): Promise<void> {
    await this.#victim?.kill();
    await this.#spare.kill();
    await this.#replica?.close();
    await this.cloud[Symbol.asyncDispose]();
  }

  async onCall(call: string, phase: Phase, caller: string): Promise<void> {
    if (!this.#victim || !caller.includes(`app/${this.#victim.name}`)) return;
    this.#lastCallAt = Date.now();
    this.#calls[phase] += 1;
    if (phase === 'before') this.#made.push(call);
    const { at, phase: wanted } = this.#armed ?? {};
    if (phase !== wanted || (at !== call && at !== this.#calls[phase])) return;
    this.#armed = undefined;
    this.#killed = call;
    this.#dying = this.#victim.kill();
    await this.#dying;
    if (phase === 'before') throw new Error('the caller is dead, and its call never arrived');
  }

  async #startVictim(): Promise<void> {
    this.#victim = this.#spare;
    this.#spare = new ControllerProcess(this.#names(), this.#build);
    const environment = {
      WB_CLOUD: 'local',
      AWS_ENDPOINT_URL: this.cloud.cloud.url,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: process.env['CRASH_LOG_LEVEL'] ?? 'silent',
    };
    await this.#victim.start(environment, pace);
  }
}

function counter(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}${++count}`;
}

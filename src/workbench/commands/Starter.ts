import type { Clock } from '../../lib/clock.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { beingDestroyed, brokenRecord, goingDown, noSuchWorkbench, refusedByCloud } from '../model/errors.ts';
import { nextStartStep } from '../model/nextStartStep.ts';
import { hasEnded, isGoingDown, type Task } from '../model/Task.ts';
import {
  isUnanswered,
  LAST_GENERATION,
  lastTask,
  latestGeneration,
  ownTask,
  type Workbench,
} from '../model/Workbench.ts';
import type { Pace } from '../Pace.ts';
import type { TaskDefinitions, Tasks, Workbenches } from '../ports.ts';
import type { Launcher } from './Launcher.ts';

/** Each further round means that somebody else was quicker; more than this is no accident. */
const ROUNDS = 4;
const LONGEST_SHOW_PAUSE_MS = 800;

/** A workbench and the task that it has, as far as ECS has shown it. */
export type Started = Readonly<{ workbench: Workbench; task: Task | undefined }>;

/** Brings a workbench up, with at most one task whatever else happens at the same time. */
export class Starter {
  readonly #workbenches: Workbenches;
  readonly #tasks: Tasks;
  readonly #definitions: TaskDefinitions;
  readonly #launcher: Launcher;
  readonly #clock: Clock;
  readonly #pace: Pace;

  constructor(
    dependencies: Readonly<{
      workbenches: Workbenches;
      tasks: Tasks;
      definitions: TaskDefinitions;
      launcher: Launcher;
      clock: Clock;
      pace: Pace;
    }>,
  ) {
    this.#workbenches = dependencies.workbenches;
    this.#tasks = dependencies.tasks;
    this.#definitions = dependencies.definitions;
    this.#launcher = dependencies.launcher;
    this.#clock = dependencies.clock;
    this.#pace = dependencies.pace;
  }

  /**
   * Observe, decide, apply, until a task is on its way.
   * @throws NotFoundError, ConflictError (destroyed, or still going down), UnavailableError, UpstreamError
   */
  async start(id: string): Promise<Started> {
    const started = await this.#bringUp(id, true);
    if (!started || started === 'unanswered') throw new UnavailableError('The workbench keeps changing; try again');
    return started;
  }

  /**
   * Learns what became of a start that nobody finished. Never begins another: its user may have stopped it since.
   * @returns 'unanswered': a create that nobody was promised, and that no task came of: left as it is
   * @throws as start
   */
  async finish(id: string): Promise<'finished' | 'unanswered'> {
    return (await this.#bringUp(id, false)) === 'unanswered' ? 'unanswered' : 'finished';
  }

  async #bringUp(id: string, mayBegin: boolean): Promise<Started | 'unanswered' | undefined> {
    let begun: number | undefined;
    let replayed: Task | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const { workbench, last, running } = await this.#observe(id);
      const moment = { now: this.#clock.now(), visibilityGraceMs: this.#pace.visibilityGraceMs };
      // ECS may replay a task for its token before it shows it.
      const known = last ?? (replayed?.id === lastTask(workbench)?.taskId ? replayed : undefined);
      const step = nextStartStep(workbench, known, running, moment);
      if (step.kind === 'nothing') return { workbench, task: step.task };
      if (step.kind === 'goingDown') throw goingDown();
      if (step.kind === 'adopt') return await this.#adopt(workbench, step.task);

      if (step.kind === 'begin' && !mayBegin) return undefined;
      if (!mayBegin && isUnanswered(workbench)) return 'unanswered';
      const { generation } = step;
      if (generation > LAST_GENERATION) throw brokenRecord();
      const definition = this.#definitions.ensure(workbench);
      // Awaited by the launch below, if that is reached.
      definition.catch(() => undefined);
      if (step.kind === 'begin') {
        begun = generation;
        if (!(await this.#announce(id, generation))) continue;
      }
      const launched = await this.#launcher.launch({ ...workbench, run: generation }, generation, definition);
      if (launched.kind === 'gone') throw noSuchWorkbench();
      if (launched.kind === 'refused') {
        // An old refusal, replayed, is no answer to a new start.
        if (generation !== begun) continue;
        throw refusedByCloud(launched.capacity);
      }
      // A replayed task may have ended long ago: it uses the generation up. ECS names one that another configuration
      // started, and does not say how it is.
      const task = launched.task ?? (await this.#shown(launched.taskId));
      // Stopped before ECS showed it: to say that it starts would be wrong in a moment.
      if (task && isGoingDown(task)) throw goingDown();
      if (!task || !hasEnded(task)) return { ...launched, task };
      replayed = task;
    }
    return undefined;
  }

  /** A task as ECS shows it, which may take it a second after RunTask; undefined if it takes longer. */
  async #shown(taskId: string): Promise<Task | undefined> {
    for (let pause = 100; ; pause *= 2) {
      const task = (await this.#tasks.describe([taskId])).get(taskId);
      if (task || pause > LONGEST_SHOW_PAUSE_MS) return task;
      await this.#clock.sleep(pause);
    }
  }

  /**
   * Writes the intent, then looks whether a destroy did the same: of two such, at least one sees the other.
   * @returns false if somebody else has come further meanwhile
   */
  async #announce(id: string, generation: number): Promise<boolean> {
    if (!(await this.#workbenches.write(id, { run: generation }))) throw noSuchWorkbench();
    const now = await this.#usable(id);
    return latestGeneration(now) === generation && (now.outcome?.generation ?? 0) < generation;
  }

  async #usable(id: string): Promise<Workbench> {
    const workbench = await this.#workbenches.find(id);
    if (!workbench) throw noSuchWorkbench();
    if (workbench.destroy) throw beingDestroyed();
    return workbench;
  }

  async #observe(
    id: string,
  ): Promise<Readonly<{ workbench: Workbench; last: Task | undefined; running: readonly Task[] }>> {
    const [workbench, running] = await Promise.all([this.#usable(id), this.#tasks.running(id)]);
    const taskId = lastTask(workbench)?.taskId;
    const last = taskId ? (await this.#tasks.describe([taskId])).get(taskId) : undefined;
    return { workbench, last: ownTask(workbench, last), running };
  }

  async #adopt(workbench: Workbench, task: Task): Promise<Started> {
    const generation = Math.max(latestGeneration(workbench), 1);
    const outcome = { generation, taskId: task.id, launchedAt: this.#clock.now() };
    if (!(await this.#workbenches.write(workbench.id, { run: generation, outcome }))) throw noSuchWorkbench();
    return { workbench: { ...workbench, run: generation, outcome }, task };
  }
}

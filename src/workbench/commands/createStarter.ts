import { askAgain } from '../../lib/askAgain.ts';
import type { Context } from '../../lib/Context.ts';
import { UnavailableError } from '../../lib/errors.ts';
import {
  brokenRecord,
  goingDown,
  noSuchWorkbench,
  profileGone,
  refusedByCloud,
  sizeUnavailable,
} from '../model/errors.ts';
import { nextStartStep } from '../model/nextStartStep.ts';
import { type Profiles, sizeFault } from '../model/Profile.ts';
import { momentOf } from '../model/status.ts';
import { hasEnded, isGoingDown, type Task } from '../model/Task.ts';
import {
  isUnanswered,
  LAST_GENERATION,
  lastTask,
  latestGeneration,
  ownTask,
  type Workbench,
} from '../model/Workbench.ts';
import type { Ports } from '../ports.ts';
import type { Launcher } from './createLauncher.ts';
import { describeTask, findUsable } from './observe.ts';

/** Each further round means that somebody else was quicker; more than this is no accident. */
const ROUNDS = 4;

/** A workbench and the task that it has, as far as ECS has shown it. */
export type Started = Readonly<{ workbench: Workbench; task: Task | undefined }>;

export type Starter = ReturnType<typeof createStarter>;

/** Brings a workbench up, with at most one task whatever else happens at the same time. */
export function createStarter(
  { workbenches, tasks, definitions }: Ports,
  profiles: Profiles,
  launch: Launcher,
  context: Context,
) {
  const { clock, timings } = context;

  /**
   * Observe, decide, apply, until a task is on its way.
   * @throws NotFoundError, ConflictError (destroyed, still going down, its profile or size not to be had), UnavailableError, UpstreamError
   */
  async function start(id: string): Promise<Started> {
    const started = await bringUp(id, true);
    if (!started || started === 'unanswered') throw new UnavailableError('The workbench keeps changing; try again');
    return started;
  }

  /**
   * Learns what became of a start that nobody finished. Never begins another: its user may have stopped it since.
   * @returns 'unanswered': a create that nobody was promised, and that no task came of: left as it is
   * @throws as start
   */
  const finish = (id: string) => bringUp(id, false);

  async function bringUp(id: string, mayBegin: boolean): Promise<Started | 'unanswered' | undefined> {
    let begun: number | undefined;
    let replayed: Task | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const { workbench, last, running } = await observe(id);
      // ECS may replay a task for its token before it shows it.
      const known = last ?? (replayed?.id === lastTask(workbench)?.taskId ? replayed : undefined);
      const step = nextStartStep(workbench, known, running, momentOf(context));
      if (step.kind === 'nothing') return { workbench, task: step.task };
      if (step.kind === 'goingDown') throw goingDown();
      if (step.kind === 'adopt') return await adopt(workbench, step.task);

      if (step.kind === 'begin' && !mayBegin) return undefined;
      if (!mayBegin && isUnanswered(workbench)) return 'unanswered';
      const { generation } = step;
      if (generation > LAST_GENERATION) throw brokenRecord();
      if (step.kind === 'begin') assertOffered(workbench);
      const definition = definitions.ensure(workbench);
      // Awaited by the launch below, if that is reached.
      definition.catch(() => undefined);
      if (step.kind === 'begin') {
        begun = generation;
        if (!(await writeIntent(id, generation))) continue;
      }
      const launched = await launch({ ...workbench, run: generation }, generation, definition);
      if (launched.kind === 'gone') throw noSuchWorkbench();
      if (launched.kind === 'refused') {
        // An old refusal, replayed, is no answer to a new start.
        if (generation !== begun) continue;
        throw refusedByCloud(launched.capacity);
      }
      // A replayed task may have ended long ago: it uses the generation up. ECS names one that another configuration
      // started, and does not say how it is.
      const task = launched.task ?? (await shown(launched.taskId));
      // Stopped before ECS showed it: to say that it starts would be wrong in a moment.
      if (task && isGoingDown(task)) throw goingDown();
      if (!task || !hasEnded(task)) return { ...launched, task };
      replayed = task;
    }
    return undefined;
  }

  /** Of a start that has begun, AWS decides. @throws ConflictError */
  function assertOffered({ profile: name, size }: Workbench): void {
    const profile = profiles.of({ profile: name });
    if (!profile) throw profileGone(name, profiles.names);
    const fault = sizeFault(profile, size);
    if (fault) throw sizeUnavailable(fault);
  }

  async function observe(id: string) {
    const [workbench, running] = await Promise.all([findUsable(workbenches, id), tasks.running(id)]);
    const last = await describeTask(tasks, lastTask(workbench)?.taskId);
    return { workbench, running, last: ownTask(workbench, last) };
  }

  /** A task as ECS shows it, which may take it a second after RunTask; undefined if it takes longer. */
  async function shown(taskId: string): Promise<Task | undefined> {
    const describe = () => describeTask(tasks, taskId);
    const patience = { withinMs: timings.showWithinMs, longestPauseMs: timings.longestShowPauseMs };
    return (await describe()) ?? (await askAgain(describe, patience, clock));
  }

  /**
   * Writes the intent, then looks whether a destroy did the same: of two such, at least one sees the other.
   * @returns false if somebody else has come further meanwhile
   */
  async function writeIntent(id: string, generation: number): Promise<boolean> {
    if (!(await workbenches.write(id, { run: generation }))) throw noSuchWorkbench();
    const now = await findUsable(workbenches, id);
    return latestGeneration(now) === generation && (now.outcome?.generation ?? 0) < generation;
  }

  async function adopt(workbench: Workbench, task: Task): Promise<Started> {
    const generation = Math.max(latestGeneration(workbench), 1);
    const outcome = { generation, taskId: task.id, launchedAt: clock.now() };
    if (!(await workbenches.write(workbench.id, { run: generation, outcome }))) throw noSuchWorkbench();
    return { workbench: { ...workbench, run: generation, outcome }, task };
  }

  return { start, finish };
}

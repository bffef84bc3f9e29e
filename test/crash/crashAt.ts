import { lastAnswer } from '../support/eventually.ts';
import { lastingViolations } from '../support/invariants.ts';
import type { Answer } from './callApi.ts';
import type { Lane, Phase } from './Lane.ts';
import { type Ending, list, type Scenario, type Subject } from './scenarios.ts';

export type CrashPoint = Readonly<{
  scenario: string;
  at: number | string;
  phase: Phase;
  /** The AWS call at which the controller was killed. */
  call: string;
  violations: readonly string[];
}>;

let users = 0;

/**
 * One crash: the scenario's operation, the controller killed, another one started.
 * @param at the number of its call, or the name of which it is the first
 * @returns undefined if the operation makes fewer calls than that
 */
export async function crashAt(
  lane: Lane,
  scenario: Scenario,
  at: number | string,
  phase: Phase,
): Promise<CrashPoint | undefined> {
  const user = `user-${++users}`;
  const subject = await scenario.prepare(lane, user);
  await lane.quiet();
  lane.arm(at, phase);
  await scenario.disturb?.(lane, subject);
  const answer = await lane.call(scenario.operation(subject));
  const neverSettled = { scenario: scenario.name, at, phase, call: '-', violations: ['never settled'] };
  if (!(await lane.settle())) return neverSettled;
  const call = await lane.disarm();
  if (call !== undefined) await lane.restart();

  let retried: Answer | undefined;
  if (call !== undefined && scenario.retry) retried = await untilAnswered(lane, scenario, subject);
  if (retried?.status === 404) retried = answer;
  // A busy machine, where the answer took too long.
  if (call === undefined && answer?.status === 503 && scenario.answer !== 503) {
    return (await lane.recover()) ? await crashAt(lane, scenario, at, phase) : neverSettled;
  }
  const violations: string[] = [];
  if (call === undefined && answer?.status !== scenario.answer) {
    violations.push(`answered ${answer?.status}, not ${scenario.answer}, although nothing was killed`);
  }
  if (!(await lane.recover())) violations.push('never settled');
  violations.push(...(await endingFaults(lane, scenario, subject, { answer, retried })));
  delete lane.capacity.tasks;
  violations.push(...(await lastingViolations(lane.cloud)));
  return call === undefined && violations.length === 0
    ? undefined
    : { scenario: scenario.name, at, phase, call: call ?? '-', violations };
}

/** The calls of one run that nobody disturbs. */
export async function rehearse(lane: Lane, scenario: Scenario): Promise<readonly string[]> {
  const faults = await crashAt(lane, scenario, Number.POSITIVE_INFINITY, 'before');
  if (faults) throw new Error(`${scenario.name}, without a crash: ${faults.violations.join('; ')}`);
  return lane.made;
}

/** A caller who was told to come back comes back. */
async function untilAnswered(lane: Lane, scenario: Scenario, subject: Subject): Promise<Answer | undefined> {
  const again = (answer: Answer | undefined) => answer?.status === 503 || answer?.body.error?.code === 'stopping';
  return await lastAnswer(
    async () => {
      await lane.quiet();
      return await lane.call(scenario.operation(subject));
    },
    (answer) => !again(answer),
  );
}

/** Statuses are shown a little later than they are: faults count if they stay. */
async function endingFaults(
  lane: Lane,
  scenario: Scenario,
  subject: Subject,
  answers: Pick<Ending, 'answer' | 'retried'>,
): Promise<readonly string[]> {
  const look = async () => {
    const listed = await lane.call(list(subject.user));
    return listed?.status === 200
      ? await scenario.faults({ lane, subject, ...answers, items: listed.body.items ?? [] })
      : [`the list was answered with ${listed?.status}`];
  };
  return await lastAnswer(look, ({ length }) => length === 0);
}

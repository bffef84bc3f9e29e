import type { CallCounts } from '@workbench/local-cloud';
import { lastAnswer } from '../support/eventually.ts';
import { collectViolations, isAlive, isPurge, isSettled, workbenchIdOf } from '../support/invariants.ts';
import type { ReplicaSource } from './controllers.ts';
import { Model } from './Model.ts';
import { Player } from './Player.ts';
import type { Scenario } from './steps.ts';
import { World } from './World.ts';

const faultNames = ['ThrottlingException', 'ServerException', 'InternalServerError', 'timeout', 'reset'] as const;

export type Report = Readonly<{
  violations: readonly string[];
  operations: number;
  kills: number;
  faults: Readonly<Record<string, number>>;
}>;

/** Plays a scenario in a world of its own, lets things settle, then destroys all, and looks at what is left each time. */
export async function runScenario(scenario: Scenario, source: ReplicaSource): Promise<Report> {
  const world = await World.open(scenario, source);
  const model = new Model();
  const player = new Player(world, model);
  const broken = (): string[] => [...world.violations, ...player.violations];
  try {
    await player.play(scenario.steps);
    const { operations } = player;
    await world.calm();
    const unsettled = await settled(async () => {
      if (!isSettled(world.cloud)) return ['(b) something is still under way', ...sightOf(world)];
      return [...(await collectViolations({ cloud: world.cloud })), ...model.unmet(world.cloud)];
    });
    const unlisted = unsettled.length > 0 ? [] : await settled(() => player.compareLists(listsOf(world)));
    const left = await settled(async () => {
      await player.destroyAll();
      return [...(await collectViolations({ cloud: world.cloud })), ...leftovers(world)];
    });
    const violations = [...new Set([...broken(), ...unsettled, ...unlisted, ...left])];
    return {
      violations,
      operations,
      kills: world.kills,
      faults: faultsIn(world.cloud.calls()),
    };
  } finally {
    await world.close();
  }
}

/** @returns what is still wrong after a long while */
async function settled(complaints: () => Promise<readonly string[]>): Promise<readonly string[]> {
  return await lastAnswer(complaints, ({ length }) => length === 0);
}

/** By user: each workbench and its status, as the cloud has it. */
function listsOf({ cloud }: World): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  const { accessPoints, tasks } = cloud.look();
  for (const accessPoint of accessPoints) {
    const id = workbenchIdOf(accessPoint);
    // A create that was taken back may have been found only now.
    if (accessPoint.tags.some(({ Key }) => Key === 'workbench:destroy')) continue;
    const owner = accessPoint.tags.find(({ Key }) => Key === 'workbench:user')?.Value ?? '';
    const task = tasks.find((one) => isAlive(one) && !isPurge(one) && one.definition.family.endsWith(`-${id}`));
    lists.set(owner, [...(lists.get(owner) ?? []), `${id} ${task?.lastStatus.toLowerCase() ?? 'stopped'}`]);
  }
  return lists;
}

/** For whoever has to find out. */
function sightOf({ cloud }: World): string[] {
  const { accessPoints, tasks } = cloud.look();
  return [
    ...accessPoints.map(({ id, tags }) => {
      const record = tags
        .filter(({ Key }) => /:(run|outcome|destroy)$/.test(Key))
        .map(({ Key, Value }) => `${Key} ${Value}`);
      return `    ${id}: ${record.join(', ')}`;
    }),
    ...tasks
      .filter(isAlive)
      .map(
        (task) => `    ${task.id} of ${task.definition.family}: ${task.lastStatus}${isPurge(task) ? ', a purge' : ''}`,
      ),
  ];
}

function leftovers({ cloud }: World): string[] {
  const { accessPoints, tasks, taskDefinitions } = cloud.look();
  return [
    ...accessPoints.map(({ id }) => `(d) ${id} is left after all were destroyed`),
    ...tasks.filter(isAlive).map(({ id }) => `(b) task ${id} is left after all were destroyed`),
    ...taskDefinitions
      .filter(({ status }) => status === 'ACTIVE')
      .map(({ taskDefinitionArn }) => `(d) ${taskDefinitionArn} is left after all were destroyed`),
  ];
}

function faultsIn(calls: CallCounts): Record<string, number> {
  const faults: Record<string, number> = {};
  for (const outcomes of Object.values(calls)) {
    for (const name of faultNames) faults[name] = (faults[name] ?? 0) + (outcomes[name] ?? 0);
  }
  return faults;
}

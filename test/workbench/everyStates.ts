import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteTaskDefinitionsCommand, DeregisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { DeleteAccessPointCommand } from '@aws-sdk/client-efs';
import type { Timing } from '../../src/localcloud/timing.ts';
import type { World } from './everyStateWorld.ts';

export type State = Readonly<{
  name: string;
  /** Brings workbenches that run into the state. */
  arrange(world: World, ids: readonly string[]): Promise<void>;
  /** Once the operations are answered: what made the state last no longer does. */
  release?(world: World): void;
  /** An operator started a task beside another: more than one lives, but not by the controller's doing. */
  doubled?: boolean;
  /** What only an operator can do, where the user's stop and destroy can't lead out. */
  repair?(world: World, ids: readonly string[]): Promise<void>;
}>;

const each = (arrange: (world: World, id: string) => Promise<unknown>): State['arrange'] => {
  return async (world, ids) => {
    await Promise.all(ids.map((id) => arrange(world, id)));
  };
};

/** Started into a state that lasts for a while. */
const rising = (name: string, timing: Partial<Timing>): State => ({
  name,
  arrange: async (world, ids) => {
    await Promise.all(ids.map((id) => world.stop(id)));
    world.cloud.cloud.changeTiming({ ...timing });
    await Promise.all(ids.map((id) => world.start(id)));
  },
  release: ({ cloud }) =>
    void cloud.cloud.changeTiming({ provisioningMs: 0, pendingMs: 0, activatingMs: 0, visibilityMs: 0 }),
});

/** Stopped by the user a moment ago, and on the way down for a while. */
const falling = (name: string, timing: Partial<Timing>): State => ({
  name,
  arrange: async (world, ids) => {
    world.cloud.cloud.changeTiming({ ...timing });
    for (const id of ids) await request(world, id, 'stop');
  },
  release: ({ cloud }) => void cloud.cloud.changeTiming({ stoppingMs: 0, deprovisioningMs: 0 }),
});

/** In a status that the local cloud itself never stays in, or never has. */
const shownAs = (lastStatus: string): State => ({
  name: `shown by ECS as ${lastStatus}`,
  arrange: each(async (world, id) => {
    for (const task of world.alive(id)) Object.assign(task, { lastStatus });
  }),
});

const tagged = (name: string, value: string | undefined, before?: 'stopped'): State => ({
  name: `${before ?? 'running'}, its tag ${name} ${value === undefined ? 'removed' : `set to "${value}"`}`,
  arrange: each(async (world, id) => {
    if (before) await world.stop(id);
    await world.tag(id, name, value);
  }),
});

/** Nobody can tell whose it is: no call reaches it until an operator has written its owner down again. */
const disowned = (name: string, value: string | undefined, right: string): State => ({
  ...tagged(name, value),
  repair: each(async (world, id) => await world.tag(id, name, right)),
});

const lostTask = '0123456789abcdef0123456789abcdef';

export const states: readonly State[] = [
  { name: 'running', arrange: async () => undefined },
  { name: 'stopped', arrange: each(async (world, id) => await world.stop(id)) },
  {
    name: 'never started',
    arrange: each(async (world, id) => {
      await world.stop(id);
      await world.tag(id, 'outcome', undefined);
      await world.tag(id, 'run', undefined);
    }),
  },
  rising('provisioning', { provisioningMs: 2_000 }),
  rising('pending', { pendingMs: 2_000 }),
  rising('activating', { activatingMs: 2_000 }),
  rising('starting, its task not shown by ECS', { visibilityMs: 2_000 }),
  falling('deactivating', { stoppingMs: 400 }),
  falling('deprovisioning', { deprovisioningMs: 400 }),
  shownAs('STOPPING'),
  shownAs('HIBERNATING'),
  {
    name: 'refused by ECS for want of capacity, which has not come back',
    arrange: async (world, ids) => {
      await Promise.all(ids.map((id) => world.stop(id)));
      world.capacity.tasks = 0;
      await Promise.all(ids.map((id) => request(world, id, 'start')));
    },
    release: ({ capacity }) => void delete capacity.tasks,
  },
  tagged('run', '2', 'stopped'),
  {
    name: 'its task missing since a moment ago',
    arrange: each(async (world, id) => {
      await world.stop(id);
      await world.tag(id, 'outcome', `1:${lostTask}:${Date.now()}`);
    }),
  },
  tagged('outcome', `1:${lostTask}:1000000`, 'stopped'),
  tagged('outcome', '1:None:1700000000000'),
  tagged('outcome', '1:None:1700000000000', 'stopped'),
  ...(['running', 'stopped'] as const).flatMap((before) =>
    ['requested', 'purging:1:1:refused:0', `purging:1:3:${lostTask}:1000`, 'no such step'].map(
      (step): State => ({
        ...tagged('destroy', step, before === 'stopped' ? before : undefined),
      }),
    ),
  ),
  {
    name: 'stopped, all its data purged, and then a task of it started by hand',
    arrange: each(async (world, id) => {
      await world.stop(id);
      const folder = folderOf(world, id);
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
      await world.runByHand(id);
      await world.tag(id, 'destroy', 'purged:1');
    }),
  },
  {
    name: 'stopped, its task definition deregistered by hand',
    arrange: each(async (world, id) => {
      await world.stop(id);
      await removeDefinitions(world, id, false);
    }),
  },
  {
    name: 'stopped, its task definition deleted by hand',
    arrange: each(async (world, id) => {
      await world.stop(id);
      await removeDefinitions(world, id, true);
    }),
  },
  {
    name: 'running, its task definition deleted by hand',
    arrange: each(async (world, id) => await removeDefinitions(world, id, true)),
  },
  {
    name: 'stopped, its access point in error, until that has recovered',
    arrange: each(async (world, id) => {
      await world.stop(id);
      world.cloud.cloud.setAccessPointState(`fsap-${id}`, 'error');
    }),
    repair: async ({ cloud }, ids) => {
      for (const id of ids) cloud.cloud.setAccessPointState(`fsap-${id}`, 'available');
    },
  },
  {
    name: 'running, with a second task started by hand',
    doubled: true,
    arrange: each(async (world, id) => await world.runByHand(id)),
  },
  {
    name: 'stopped, with a task started by hand',
    arrange: each(async (world, id) => {
      await world.stop(id);
      await world.runByHand(id);
    }),
  },
  {
    name: 'stopped, with two tasks started by hand',
    doubled: true,
    arrange: each(async (world, id) => {
      await world.stop(id);
      await world.runByHand(id);
      await world.runByHand(id);
    }),
  },
  {
    name: 'stopped, with a task of another command started by hand',
    doubled: true,
    arrange: each(async (world, id) => {
      await world.stop(id);
      await world.runByHand(id, 'sleep 3600');
    }),
  },
  {
    name: 'running, its files and its access point deleted by hand',
    arrange: each(async (world, id) => {
      rmSync(folderOf(world, id), { recursive: true });
      await world.cloud.efs.send(new DeleteAccessPointCommand({ AccessPointId: `fsap-${id}` }));
    }),
  },
  ...['cpu', 'memory', 'created', 'run', 'outcome', 'name', 'request', 'stopped'].flatMap((name) => [
    tagged(name, undefined),
    tagged(name, '=+ no sense =G'),
  ]),
  disowned('user', undefined, 'ada'),
  disowned('user', '=FF=', 'ada'),
  disowned('stack', undefined, 'workbench'),
  disowned('stack', 'another', 'workbench'),
];

function folderOf({ cloud }: World, id: string): string {
  const accessPoint = cloud.cloud.look().accessPoints.find((one) => one.id === `fsap-${id}`);
  return cloud.cloud.pathOf(accessPoint?.rootDirectory.Path ?? '');
}

async function request({ url }: World, id: string, command: string): Promise<void> {
  await fetch(`${url}/workbenches/${id}/${command}?user_id=ada`, { method: 'POST' });
}

async function removeDefinitions({ cloud }: World, id: string, forGood: boolean): Promise<void> {
  for (const { family, status, taskDefinitionArn } of cloud.cloud.look().taskDefinitions) {
    if (family !== `workbench-${id}` || status !== 'ACTIVE') continue;
    await cloud.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: taskDefinitionArn }));
    if (forGood) await cloud.ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: [taskDefinitionArn] }));
  }
}

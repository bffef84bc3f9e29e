import { rmSync } from 'node:fs';
import { DeleteTaskDefinitionsCommand, DeregisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { DeleteAccessPointCommand } from '@aws-sdk/client-efs';
import { leadsOut } from './leadsOut.ts';
import { each } from './State.ts';
import type { World } from './World.ts';

async function removeDefinitions({ cloud }: World, id: string, forGood: boolean): Promise<void> {
  for (const { family, status, taskDefinitionArn } of cloud.cloud.look().taskDefinitions) {
    if (family !== `workbench-${id}` || status !== 'ACTIVE') continue;
    await cloud.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: taskDefinitionArn }));
    if (forGood) await cloud.ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: [taskDefinitionArn] }));
  }
}

leadsOut([
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
      rmSync(world.folderOf(id), { recursive: true });
      await world.cloud.efs.send(new DeleteAccessPointCommand({ AccessPointId: `fsap-${id}` }));
    }),
  },
]);

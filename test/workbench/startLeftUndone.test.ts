import { RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { expect, test } from '@jest/globals';
import request from 'supertest';
import { eventually } from '../support/eventually.ts';
import { openWorld, type World } from './everyState/World.ts';

/** The token of the second start, with other parameters than this controller's: ECS won't replay what came of it. */
async function startedElsewhere({ cloud: { ecs, cloud } }: World, id: string) {
  return await ecs.send(
    new RunTaskCommand({
      taskDefinition: `workbench-${id}`,
      clientToken: `${id}-2`,
      startedBy: 'another-configuration',
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...cloud.subnets] } },
    }),
  );
}

test('a start that another configuration left undone, its task ended since: starting again brings up a new task', async () => {
  await using world = await openWorld();
  const id = await world.create();
  await world.stop(id);
  const { tasks = [] } = await startedElsewhere(world, id);
  await world.cloud.ecs.send(new StopTaskCommand({ task: tasks[0]?.taskArn }));
  await world.tag(id, 'run', '2');

  const answer = await request(world.url).post(`/workbenches/${id}/start?user_id=ada`);

  expect(answer.status).toBe(200);
  expect(world.alive(id).map((task) => task.clientToken)).toEqual([`${id}-3`]);
});

test('a start that another configuration left undone, ECS having had no room: it has stopped for want of capacity', async () => {
  await using world = await openWorld();
  const id = await world.create();
  await world.stop(id);
  world.capacity.tasks = 0;
  const { failures = [] } = await startedElsewhere(world, id);
  expect(failures).toHaveLength(1);
  await world.tag(id, 'run', '2');

  const reason = await eventually(
    async () => (await request(world.url).get(`/workbenches/${id}?user_id=ada`)).body.item.stopped_reason,
    (shown) => shown !== undefined,
  );
  expect(reason.code).toBe('NoCapacity');

  delete world.capacity.tasks;
  await request(world.url).post(`/workbenches/${id}/start?user_id=ada`).expect(200);
  expect(world.alive(id).map((task) => task.clientToken)).toEqual([`${id}-3`]);
});

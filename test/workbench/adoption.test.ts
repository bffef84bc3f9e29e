import { RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { expect, test } from '@jest/globals';
import request from 'supertest';
import { openWorld } from './everyStateWorld.ts';

test('a start that another configuration left undone, its task ended since: starting again brings up a new task', async () => {
  await using world = await openWorld();
  const { ecs, cloud } = world.cloud;
  const id = await world.create();
  await world.stop(id);
  // The same token with other parameters, which ECS refuses to replay: it names the task, and says no more.
  const { tasks = [] } = await ecs.send(
    new RunTaskCommand({
      taskDefinition: `workbench-${id}`,
      clientToken: `${id}-2`,
      startedBy: 'another-configuration',
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...cloud.subnets] } },
    }),
  );
  await ecs.send(new StopTaskCommand({ task: tasks[0]?.taskArn }));
  await world.tag(id, 'run', '2');

  const answer = await request(world.url).post(`/workbenches/${id}/start?user_id=ada`);

  expect(answer.status).toBe(200);
  expect(world.alive(id).map((task) => task.clientToken)).toEqual([`${id}-3`]);
});

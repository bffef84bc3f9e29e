import { RunTaskCommand } from '@aws-sdk/client-ecs';
import { TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-efs';
import type { Task } from '@workbench/local-cloud';
import request from 'supertest';
import type { Timings } from '../../../src/lib/timings.ts';
import { eventually } from '../../support/eventually.ts';
import { isAlive, isSettled, startWatchedCloud, type WatchedCloud } from '../../support/invariants.ts';
import { startController } from '../../support/startController.ts';

export type World = Readonly<{
  url: string;
  cloud: WatchedCloud;
  capacity: { tasks?: number };
  /** A workbench of Ada's, running. @returns its id */
  create(): Promise<string>;
  start(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  /** Changes the record past the controller; a value of undefined removes the tag. */
  tag(id: string, name: string, value: string | undefined): Promise<void>;
  /** Starts a task of the workbench's family past the controller, as an operator might. */
  runByHand(id: string, command?: string): Promise<void>;
  /** Where its files are. */
  folderOf(id: string): string;
  /** The workbench's tasks that haven't ended. */
  alive(id: string): readonly Task[];
  [Symbol.asyncDispose](): Promise<void>;
}>;

const usualPace = { visibilityGraceMs: 4_000, forgottenAfterMs: 300, sweepEveryMs: 1_000, orphansEveryMs: 500 };

export async function openWorld(pace: Partial<Timings> = {}): Promise<World> {
  const capacity: { tasks?: number } = {};
  const cloud = await startWatchedCloud({ capacity });
  const controller = await startController(cloud.cloud.url, {}, { pace: { ...usualPace, ...pace } });
  const { url } = controller;

  async function settled(): Promise<void> {
    await eventually(() => isSettled(cloud.cloud), Boolean);
  }

  async function post(path: string): Promise<string> {
    const { status, body } = await request(url).post(`/workbenches${path}?user_id=ada`);
    if (status > 201) throw new Error(`could not be arranged: ${JSON.stringify(body)}`);
    return body.item.workbench_id;
  }

  return {
    url,
    cloud,
    capacity,
    async create() {
      const id = await post('');
      await settled();
      return id;
    },
    start: async (id) => void (await post(`/${id}/start`)),
    async stop(id) {
      await post(`/${id}/stop`);
      await settled();
    },
    async tag(id, name, value) {
      const ResourceId = `fsap-${id}`;
      const Key = `workbench:${name}`;
      if (value !== undefined)
        await cloud.efs.send(new TagResourceCommand({ ResourceId, Tags: [{ Key, Value: value }] }));
      else await cloud.efs.send(new UntagResourceCommand({ ResourceId, TagKeys: [Key] }));
    },
    async runByHand(id, command) {
      await cloud.ecs.send(
        new RunTaskCommand({
          taskDefinition: `workbench-${id}`,
          launchType: 'FARGATE',
          networkConfiguration: { awsvpcConfiguration: { subnets: [...cloud.cloud.subnets] } },
          ...(command ? { overrides: { containerOverrides: [{ name: 'workbench', command: [command] }] } } : {}),
        }),
      );
    },
    folderOf(id) {
      const accessPoint = cloud.cloud.look().accessPoints.find((one) => one.id === `fsap-${id}`);
      return cloud.cloud.pathOf(accessPoint?.rootDirectory.Path ?? '');
    },
    alive: (id) =>
      cloud.cloud.look().tasks.filter((task) => isAlive(task) && task.definition.family === `workbench-${id}`),
    async [Symbol.asyncDispose]() {
      await controller.close();
      await cloud[Symbol.asyncDispose]();
    },
  };
}

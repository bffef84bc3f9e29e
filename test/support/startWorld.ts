import type { LocalCloudOptions } from '@workbench/local-cloud';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import type { Timings } from '../../src/lib/timings.ts';
import { eventually } from './eventually.ts';
import { isSettled } from './invariants.ts';
import { createScriptedRuntime, type ScriptedRuntime } from './scriptedRuntime.ts';
import { startController } from './startController.ts';

export type World = TestCloud &
  Readonly<{
    /** Of the controller. */
    url: string;
    runtime: ScriptedRuntime;
    /** What the cloud has now: ids of access points, names of task definitions that can still run, living tasks. */
    left(): Readonly<{ accessPoints: string[]; taskDefinitions: string[]; tasks: string[] }>;
    /** From then on calls count anew: what earlier tests left under way has come to its end. */
    forgetCalls(): Promise<void>;
    /** The calls so far that change something. */
    changes(): string[];
  }>;

/** A cloud with one controller. Purges do what they are for; the tasks are no processes. */
export async function startWorld(
  environment: Readonly<Record<string, string>> = {},
  options: Readonly<{ cloud?: Partial<LocalCloudOptions>; pace?: Partial<Timings> }> = {},
): Promise<World> {
  const runtime = createScriptedRuntime();
  const test = await startTestCloud({ runtime, ...options.cloud });
  const controller = await startController(test.cloud.url, environment, options.pace ? { pace: options.pace } : {});
  return {
    ...test,
    url: controller.url,
    runtime,
    left: () => {
      const { accessPoints, taskDefinitions, tasks } = test.cloud.look();
      return {
        accessPoints: accessPoints.map(({ id }) => id),
        taskDefinitions: taskDefinitions
          .filter(({ status }) => status === 'ACTIVE')
          .map(({ family, revision }) => `${family}:${revision}`),
        tasks: tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED').map(({ id }) => id),
      };
    },
    async forgetCalls() {
      await eventually(() => isSettled(test.cloud), Boolean);
      test.cloud.clearCalls();
    },
    changes: () => Object.keys(test.cloud.calls()).filter((call) => !/^(\w+:)?(List|Describe)/.test(call)),
    async [Symbol.asyncDispose]() {
      await controller.close();
      await test[Symbol.asyncDispose]();
    },
  };
}

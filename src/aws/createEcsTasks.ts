import {
  type DesiredStatus,
  type ECSClient,
  ListTasksCommand,
  type ListTasksCommandInput,
  RunTaskCommand,
  type RunTaskCommandOutput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import type { Context } from '../lib/Context.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { Profiles } from '../workbench/model/Profile.ts';
import { hasEnded, type Task } from '../workbench/model/Task.ts';
import type { Launch, Tasks } from '../workbench/ports.ts';
import { callAws, isAwsError } from './awsErrors.ts';
import { createDescribeTasks } from './describeTasks.ts';
import { launchOfError, launchOfFailures, type RunTaskConfig, runTaskRequest } from './runTaskRequest.ts';
import { familyOf } from './taskDefinition.ts';
import { taskFromEcs, taskIdOf } from './taskFromEcs.ts';

export type EcsTasksConfig = RunTaskConfig & Readonly<{ containerPort: number }>;

/** The tasks of this stack's workbenches. */
export function createEcsTasks(ecs: ECSClient, config: EcsTasksConfig, profiles: Profiles, context: Context): Tasks {
  const { stack, cluster, containerPort } = config;
  const { logger } = context;
  const describeTasks = createDescribeTasks(ecs, cluster, context);

  function refusal(error: unknown): Launch {
    const launch = launchOfError(error);
    if (launch) return launch;
    logger.error({ err: error }, 'ECS refused RunTask');
    const message = error instanceof Error ? error.message : '';
    return { kind: 'refused', capacity: /capacity|limit on the number of|quota/i.test(message), message };
  }

  async function describe(taskIds: readonly string[]): Promise<ReadonlyMap<string, Task>> {
    const shown = (await describeTasks(taskIds)).map((task) => taskFromEcs(task, stack, containerPort));
    return new Map(shown.map((task) => [task.id, task]));
  }

  async function list(of: Pick<ListTasksCommandInput, 'family' | 'desiredStatus' | 'startedBy'>): Promise<string[]> {
    const ids: string[] = [];
    let nextToken: string | undefined;
    do {
      const request = new ListTasksCommand({ cluster, ...of, nextToken });
      const page = await callAws(() => ecs.send(request));
      ids.push(...(page.taskArns ?? []).map(taskIdOf));
      nextToken = page.nextToken;
    } while (nextToken);
    return ids;
  }

  async function livingOf(workbenchId: string, ...desired: readonly DesiredStatus[]): Promise<readonly Task[]> {
    const family = familyOf(stack, workbenchId);
    const lists = await Promise.all(desired.map((desiredStatus) => list({ family, desiredStatus })));
    const shown = await describe([...new Set(lists.flat())]);
    return [...shown.values()].filter((task) => !hasEnded(task));
  }

  return {
    async launch(request) {
      let answer: RunTaskCommandOutput;
      const { workbench, purge } = request;
      const profile = purge ? profiles.forPurge(workbench).profile : (profiles.of(workbench) ?? profiles.usual);
      try {
        answer = await callAws(() => ecs.send(new RunTaskCommand(runTaskRequest(request, config, profile))));
      } catch (error) {
        if (error instanceof UpstreamError) return refusal(error.cause);
        throw error;
      }
      const [task] = answer.tasks ?? [];
      if (!task?.taskArn) return launchOfFailures(answer.failures);
      return { kind: 'launched', taskId: taskIdOf(task.taskArn), task: taskFromEcs(task, stack, containerPort) };
    },
    describe,
    running: (workbenchId) => livingOf(workbenchId, 'RUNNING'),
    // ECS takes no other filter beside this one.
    allRunning: async () => new Set(await list({ startedBy: stack })),
    living: (workbenchId) => livingOf(workbenchId, 'RUNNING', 'STOPPED'),
    async stop(taskId, reason) {
      const request = new StopTaskCommand({ cluster, task: taskId, reason });
      return await callAws<boolean>(
        async () => {
          await ecs.send(request);
          return true;
        },
        (error) =>
          isAwsError(error, 'InvalidParameterException') && /not found|task ?id/i.test(error.message)
            ? false
            : undefined,
      );
    },
  };
}

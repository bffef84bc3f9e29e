import {
  type DesiredStatus,
  type ECSClient,
  type Failure,
  ListTasksCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  type RunTaskCommandOutput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { UpstreamError } from '../lib/errors.ts';
import { hasEnded, type Task } from '../workbench/model/Task.ts';
import type { Launch, LaunchRequest, Tasks } from '../workbench/ports.ts';
import { callAws, isAwsError } from './awsErrors.ts';
import { createDescribeTasks } from './describeTasks.ts';
import { CONTAINER_NAME, familyOf, ownerTags, purgeCommand } from './taskDefinition.ts';
import { taskFromEcs, taskIdOf } from './taskFromEcs.ts';

export type EcsTasksConfig = Readonly<{
  stack: string;
  cluster: string;
  containerPort: number;
  subnets: readonly string[];
  securityGroups: readonly string[];
  assignPublicIp: boolean;
  capacityProviders: readonly Readonly<{ capacityProvider: string; weight: number }>[];
}>;

/** The tasks of this stack's workbenches. */
export class EcsTasks implements Tasks {
  readonly #ecs: ECSClient;
  readonly #config: EcsTasksConfig;
  readonly #describe: ReturnType<typeof createDescribeTasks>;
  readonly #logger: Logger;

  constructor(ecs: ECSClient, config: EcsTasksConfig, clock: Clock, logger: Logger) {
    this.#ecs = ecs;
    this.#config = config;
    this.#describe = createDescribeTasks({ ecs, cluster: config.cluster, clock, logger });
    this.#logger = logger;
  }

  async launch(request: LaunchRequest): Promise<Launch> {
    let answer: RunTaskCommandOutput;
    try {
      answer = await callAws(() => this.#ecs.send(new RunTaskCommand(this.#runTask(request))));
    } catch (error) {
      if (error instanceof UpstreamError) return this.#refusal(error.cause);
      throw error;
    }
    const [task] = answer.tasks ?? [];
    if (task?.taskArn) return { kind: 'launched', taskId: taskIdOf(task.taskArn), task: this.#task(task) };
    return fromFailures(answer.failures ?? []);
  }

  async describe(taskIds: readonly string[]): Promise<ReadonlyMap<string, Task>> {
    const tasks = (await this.#describe(taskIds)).map((task) => this.#task(task));
    return new Map(tasks.map((task) => [task.id, task]));
  }

  async running(workbenchId: string): Promise<readonly Task[]> {
    const shown = await this.describe(await this.#list(workbenchId, 'RUNNING'));
    return [...shown.values()].filter((task) => !hasEnded(task));
  }

  async living(workbenchId: string): Promise<readonly Task[]> {
    const lists = await Promise.all([this.#list(workbenchId, 'RUNNING'), this.#list(workbenchId, 'STOPPED')]);
    const shown = await this.describe([...new Set(lists.flat())]);
    return [...shown.values()].filter((task) => !hasEnded(task));
  }

  async stop(taskId: string, reason: string): Promise<boolean> {
    const request = new StopTaskCommand({ cluster: this.#config.cluster, task: taskId, reason });
    return await callAws<boolean>(
      async () => {
        await this.#ecs.send(request);
        return true;
      },
      (error) =>
        isAwsError(error, 'InvalidParameterException') && /not found|task ?id/i.test(error.message) ? false : undefined,
    );
  }

  async #list(workbenchId: string, desiredStatus: DesiredStatus): Promise<string[]> {
    const ids: string[] = [];
    let nextToken: string | undefined;
    do {
      const request = new ListTasksCommand({
        cluster: this.#config.cluster,
        family: familyOf(this.#config.stack, workbenchId),
        desiredStatus,
        ...(nextToken ? { nextToken } : {}),
      });
      const page = await callAws(() => this.#ecs.send(request));
      ids.push(...(page.taskArns ?? []).map(taskIdOf));
      nextToken = page.nextToken;
    } while (nextToken);
    return ids;
  }

  #task(task: Parameters<typeof taskFromEcs>[0]): Task {
    return taskFromEcs(task, this.#config.stack, this.#config.containerPort);
  }

  /** Repeated with the same token, every member has to be the same again. */
  #runTask({ workbench, definition, token, purge }: LaunchRequest): RunTaskCommandInput {
    const { stack, cluster, subnets, securityGroups, assignPublicIp, capacityProviders } = this.#config;
    return {
      cluster,
      taskDefinition: definition,
      count: 1,
      clientToken: token,
      startedBy: stack,
      ...(capacityProviders.length > 0
        ? { capacityProviderStrategy: capacityProviders.map((provider) => ({ ...provider })) }
        : { launchType: 'FARGATE' as const }),
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...subnets],
          ...(securityGroups.length > 0 ? { securityGroups: [...securityGroups] } : {}),
          ...(assignPublicIp ? { assignPublicIp: 'ENABLED' as const } : {}),
        },
      },
      tags: Object.entries(ownerTags(stack, workbench)).map(([key, value]) => ({ key, value })),
      ...(purge ? { overrides: { containerOverrides: [{ name: CONTAINER_NAME, command: purgeCommand }] } } : {}),
    };
  }

  #refusal(error: unknown): Launch {
    const message = error instanceof Error ? error.message : '';
    if (isAwsError(error, 'ConflictException')) {
      // Another configuration, or revision, made the same start: its task is the workbench's.
      const named: readonly unknown[] =
        'resourceIds' in error && Array.isArray(error.resourceIds) ? error.resourceIds : [];
      const taskId = taskIdOf(named.find((id): id is string => typeof id === 'string'));
      if (taskId) return { kind: 'launched', taskId, task: undefined };
      // It came to none. ECS keeps a token's `failures`, and on Fargate these are about capacity.
      return { kind: 'refused', capacity: true, message: 'ECS had no room when another controller asked for it' };
    }
    if (
      /task ?definition.*(not found|inactive|does not exist)|unable to (find|describe) task definition/i.test(message)
    ) {
      return { kind: 'noDefinition' };
    }
    this.#logger.error({ err: error }, 'ECS refused RunTask');
    return { kind: 'refused', capacity: /capacity|limit on the number of|quota/i.test(message), message };
  }
}

/** HTTP 200 can still be a refusal. */
function fromFailures(failures: readonly Failure[]): Launch {
  const message = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; ');
  const capacity =
    failures.length > 0 && failures.every(({ reason = '' }) => /^RESOURCE|^AGENT|capacity/i.test(reason));
  return { kind: 'refused', capacity, message: message || 'ECS started no task and did not say why' };
}

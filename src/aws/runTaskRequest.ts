import type { Failure, RunTaskCommandInput } from '@aws-sdk/client-ecs';
import type { Profile } from '../workbench/model/Profile.ts';
import type { Launch, LaunchRequest } from '../workbench/ports.ts';
import { isAwsError } from './awsErrors.ts';
import { CONTAINER_NAME, ownerTags, purgeCommand } from './taskDefinition.ts';
import { taskIdOf } from './taskFromEcs.ts';

export type RunTaskConfig = Readonly<{
  stack: string;
  cluster: string;
  subnets: readonly string[];
  securityGroups: readonly string[];
  assignPublicIp: boolean;
}>;

/** Repeated with the same token, every member has to be the same again. */
export function runTaskRequest(
  request: LaunchRequest,
  config: RunTaskConfig,
  { capacityProviders }: Pick<Profile, 'capacityProviders'>,
): RunTaskCommandInput {
  const { workbench, definition, token, purge } = request;
  const { stack, cluster, subnets, securityGroups, assignPublicIp } = config;
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

/** What an error of RunTask means. @returns undefined: a refusal whose cause only the log knows */
export function launchOfError(error: unknown): Launch | undefined {
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
  const noDefinition =
    /task ?definition.*(not found|inactive|does not exist)|unable to (find|describe) task definition/i.test(message);
  return noDefinition ? { kind: 'noDefinition' } : undefined;
}

/** HTTP 200 can still be a refusal. */
export function launchOfFailures(failures: readonly Failure[] = []): Launch {
  const message = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; ');
  const capacity =
    failures.length > 0 && failures.every(({ reason = '' }) => /^RESOURCE|^AGENT|capacity/i.test(reason));
  return { kind: 'refused', capacity, message: message || 'ECS started no task and did not say why' };
}

import { AwsError } from '../awsError.ts';
import type { Operation } from '../operation.ts';
import { ClientTokens, type Launch } from './ClientTokens.ts';
import { capacityFailure } from './capacityFailure.ts';
import { checkAgainstDefinition, checkRunTask, placementOf } from './checkRunTask.ts';
import type { EcsContext } from './EcsContext.ts';
import { parseRequest } from './parseRequest.ts';
import { presentStoppedTask, presentTask } from './presentTask.ts';
import { type RunTaskRequest, runTaskRequest } from './runTaskRequest.ts';
import type { StoredTaskDefinition } from './StoredTaskDefinition.ts';
import { createTask, type Task, type TaskPlan } from './Task.ts';
import { sizeOf } from './TaskStore.ts';
import { mergeTags, type Tags, tagsOf } from './tags.ts';

export function runTaskOperation(context: EcsContext): Operation {
  const { arns, tasks, taskDefinitions, lives, capacity, timing, now, randomHex } = context;
  const tokens = new ClientTokens(tasks, arns, now);
  let sequence = 0;

  function launch(request: RunTaskRequest, definition: StoredTaskDefinition): Launch {
    const tags = initialTags(request, definition);
    const taskIds: string[] = [];
    const failures: object[] = [];
    for (let index = 0; index < request.count; index += 1) {
      const planned = plan(request, definition);
      const reason = capacityFailure(capacity, tasks.usage, sizeOf(planned));
      if (reason !== undefined) {
        failures.push({ reason });
        continue;
      }
      const task = createTask(planned, tags);
      tasks.add(task);
      lives.begin(task);
      taskIds.push(task.id);
    }
    return { taskIds, failures };
  }

  function plan(request: RunTaskRequest, definition: StoredTaskDefinition): TaskPlan {
    const id = randomHex(16);
    const { launchType, capacityProviderName } = placementOf(request);
    const { overrides } = request;
    const subnet = request.networkConfiguration?.awsvpcConfiguration?.subnets[0];
    const named = new Set(overrides.containerOverrides.map(({ name }) => name));
    const unnamed = definition.containerDefinitions.filter(({ name }) => !named.has(name));
    sequence += 1;
    return {
      id,
      arn: arns.task(id),
      sequence,
      definition,
      // Containers without overrides are in ECS's answers too, by their name alone.
      overrides: {
        ...overrides,
        containerOverrides: [...overrides.containerOverrides, ...unnamed.map(({ name }) => ({ name }))],
      },
      cpu: overrides.cpu ?? definition.cpu,
      memory: overrides.memory ?? definition.memory,
      launchType,
      capacityProviderName,
      platformVersion: launchType === 'FARGATE' ? fargateVersion(request) : undefined,
      group: request.group ?? `family:${definition.family}`,
      startedBy: request.startedBy,
      enableExecuteCommand: request.enableExecuteCommand,
      subnet,
      zone: context.network.subnets.find(({ id }) => id === subnet)?.zoneName ?? `${context.region}a`,
      clientToken: request.clientToken,
      containerId: uuid(randomHex(16)),
      attachmentId: uuid(randomHex(16)),
      interfaceId: randomHex(8).padStart(17, '0'),
      createdAt: now(),
      visibleFrom: now() + timing.current.visibilityMs,
    };
  }

  function initialTags(request: RunTaskRequest, definition: StoredTaskDefinition): Tags {
    const inherited = request.propagateTags === 'TASK_DEFINITION' ? definition.tags : {};
    const managed = request.enableECSManagedTags ? { 'aws:ecs:clusterName': context.cluster } : {};
    return mergeTags({ ...managed, ...inherited }, tagsOf(request.tags));
  }

  function present(task: Task | undefined): object[] {
    if (task === undefined) return [];
    return [task.lastStatus === 'STOPPED' ? presentStoppedTask(task) : presentTask(task, context, true)];
  }

  return (input) => {
    const request = parseRequest(runTaskRequest, input);
    arns.checkCluster(request.cluster);
    checkRunTask(request, input['overrides']);
    let result = tokens.find(request);
    if (result === undefined) {
      const definition = taskDefinitions.find(request.taskDefinition);
      if (definition === undefined) throw new AwsError('ClientException', 'TaskDefinition not found.');
      checkAgainstDefinition(request, definition, context);
      result = launch(request, definition);
      tokens.keep(request, result);
    }
    return { tasks: result.taskIds.flatMap((id) => present(tasks.get(id))), failures: result.failures };
  };
}

function fargateVersion({ platformVersion = 'LATEST' }: RunTaskRequest): string {
  return platformVersion === 'LATEST' ? '1.4.0' : platformVersion;
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

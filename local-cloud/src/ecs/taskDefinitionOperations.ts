import { z } from 'zod';
import { AwsError } from '../awsError.ts';
import type { Operations } from '../operation.ts';
import { checkTaskDefinition, compatibilitiesOf } from './checkTaskDefinition.ts';
import type { EcsContext } from './EcsContext.ts';
import { parseRequest } from './parseRequest.ts';
import { registerTaskDefinitionRequest } from './registerTaskDefinitionRequest.ts';
import type { StoredTaskDefinition } from './StoredTaskDefinition.ts';
import { type TagList, tagListOf, tagsOf } from './tags.ts';

const describeRequest = z.object({ taskDefinition: z.string(), include: z.array(z.enum(['TAGS'])).optional() });
const deregisterRequest = z.object({ taskDefinition: z.string() });
const deleteRequest = z.object({
  taskDefinitions: z
    .array(z.string())
    .min(1, 'Task definitions cannot be empty.')
    .max(10, 'You can delete at most 10 task definitions at a time.'),
});

const missing =
  'The specified task definition does not exist. Specify a valid account, family, revision and try again.';

export function taskDefinitionOperations({ taskDefinitions, tasks, arns, now, accountId }: EcsContext): Operations {
  const seconds = (): number => now() / 1000;

  function register(input: unknown) {
    const request = parseRequest(registerTaskDefinitionRequest, input, 'ClientException');
    checkTaskDefinition(request);
    const { tags, ...members } = request;
    const revision = taskDefinitions.nextRevision(request.family);
    const definition: StoredTaskDefinition = {
      ...members,
      containerDefinitions: members.containerDefinitions.map((container) => ({
        ...container,
        portMappings: container.portMappings.map((mapping) =>
          members.networkMode === 'awsvpc' ? { ...mapping, hostPort: mapping.containerPort } : mapping,
        ),
      })),
      taskDefinitionArn: arns.taskDefinition(request.family, revision),
      revision,
      status: 'ACTIVE',
      compatibilities: compatibilitiesOf(request),
      registeredAt: seconds(),
      registeredBy: `arn:aws:iam::${accountId}:root`,
      tags: tagsOf(tags),
    };
    taskDefinitions.put(definition);
    return { taskDefinition: presented(definition), ...(tags === undefined ? {} : { tags }) };
  }

  function describe(input: unknown) {
    const request = parseRequest(describeRequest, input, 'ClientException');
    const definition = taskDefinitions.find(request.taskDefinition);
    if (definition === undefined) throw new AwsError('ClientException', 'Unable to describe task definition.');
    const tags: { tags?: TagList } = request.include?.includes('TAGS') ? { tags: tagListOf(definition.tags) } : {};
    return { taskDefinition: presented(definition), ...tags };
  }

  function deregister(input: unknown) {
    const request = parseRequest(deregisterRequest, input, 'ClientException');
    const definition = taskDefinitions.findRevision(request.taskDefinition);
    if (definition === undefined) throw new AwsError('ClientException', missing);
    if (definition.status !== 'ACTIVE') return { taskDefinition: presented(definition) };
    const inactive: StoredTaskDefinition = { ...definition, status: 'INACTIVE', deregisteredAt: seconds() };
    taskDefinitions.put(inactive);
    return { taskDefinition: presented(inactive) };
  }

  function remove(input: unknown) {
    const request = parseRequest(deleteRequest, input);
    const doomed: object[] = [];
    const failures: object[] = [];
    for (const reference of request.taskDefinitions) {
      const definition = taskDefinitions.findRevision(reference);
      if (definition === undefined) {
        failures.push({ arn: reference, reason: missing });
      } else if (definition.status === 'ACTIVE') {
        failures.push({
          arn: definition.taskDefinitionArn,
          reason:
            'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
        });
      } else {
        doomed.push(presented(beginDeletion(definition)));
      }
    }
    return { taskDefinitions: doomed, failures };
  }

  function beginDeletion(definition: StoredTaskDefinition): StoredTaskDefinition {
    const { deleteRequestedAt = seconds() } = definition;
    const deleting: StoredTaskDefinition = { ...definition, status: 'DELETE_IN_PROGRESS', deleteRequestedAt };
    // Running tasks keep it; the last one to end takes it along.
    if (tasks.isInUse(definition.taskDefinitionArn)) taskDefinitions.put(deleting);
    else taskDefinitions.remove(definition);
    return deleting;
  }

  return {
    RegisterTaskDefinition: register,
    DescribeTaskDefinition: describe,
    DeregisterTaskDefinition: deregister,
    DeleteTaskDefinitions: remove,
  };
}

function presented({ tags: _apart, ...taskDefinition }: StoredTaskDefinition): object {
  return taskDefinition;
}

import { z } from 'zod';
import { AwsError } from '../awsError.ts';
import type { Operations } from '../operation.ts';
import type { EcsContext } from './EcsContext.ts';
import { parseRequest } from './parseRequest.ts';
import { mergeTags, type Tags, tagListOf, tagListSchema, tagsOf } from './tags.ts';

const resourceArn = z.string('resourceArn can not be blank.').startsWith('arn:', 'Invalid resourceArn.');
const tagRequest = z.object({ resourceArn, tags: tagListSchema });
const untagRequest = z.object({
  resourceArn,
  tagKeys: z.array(z.string().refine((key) => !/^aws:/i.test(key), 'Tags of AWS can not be removed.')),
});
const listRequest = z.object({ resourceArn });

/** A resource's tags, wherever they are kept. */
type Tagged = { tags: Tags; readonly isStopped: boolean };

export type TagOperations = Readonly<{ operations: Operations; clusterTags(): Tags }>;

export function tagOperations({ arns, tasks, taskDefinitions }: EcsContext): TagOperations {
  const cluster: { tags: Tags; isStopped: boolean } = { tags: {}, isStopped: false };

  function find(arn: string): Tagged | undefined {
    if (arn === arns.cluster) return cluster;
    const task = arn.includes(':task/') ? tasks.get(arns.taskId(arn)) : undefined;
    if (task !== undefined) {
      return {
        get tags() {
          return task.tags;
        },
        set tags(tags) {
          task.tags = tags;
        },
        isStopped: task.desiredStatus === 'STOPPED',
      };
    }
    return arn.includes(':task-definition/') ? findTaskDefinition(arn) : undefined;
  }

  function findTaskDefinition(arn: string): Tagged | undefined {
    const definition = taskDefinitions.findRevision(arn);
    if (definition === undefined) return undefined;
    return {
      get tags() {
        return definition.tags;
      },
      set tags(tags) {
        taskDefinitions.put({ ...definition, tags });
      },
      isStopped: false,
    };
  }

  function findForChange(arn: string): Tagged {
    const resource = find(arn);
    if (resource === undefined) {
      throw new AwsError('ResourceNotFoundException', 'The specified resource was not found.');
    }
    if (resource.isStopped) {
      throw new AwsError(
        'InvalidParameterException',
        'The specified task is stopped. Specify a running task and try again.',
      );
    }
    return resource;
  }

  return {
    clusterTags: () => cluster.tags,
    operations: {
      TagResource(input) {
        const request = parseRequest(tagRequest, input);
        const resource = findForChange(request.resourceArn);
        resource.tags = mergeTags(resource.tags, tagsOf(request.tags));
        return {};
      },
      UntagResource(input) {
        const request = parseRequest(untagRequest, input);
        const resource = findForChange(request.resourceArn);
        const doomed = new Set(request.tagKeys);
        resource.tags = Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !doomed.has(key)));
        return {};
      },
      ListTagsForResource(input) {
        const request = parseRequest(listRequest, input);
        const resource = find(request.resourceArn);
        if (resource === undefined) {
          throw new AwsError('InvalidParameterException', 'The specified resource was not found.');
        }
        return { tags: tagListOf(resource.tags) };
      },
    },
  };
}

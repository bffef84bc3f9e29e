import { AwsError } from '../awsError.ts';

/** With dashes and without. */
const idLengths = [32, 36];

type TaskDefinitionReference = Readonly<{ family: string; revision: number | undefined }>;

export type Arns = Readonly<{
  cluster: string;
  task(taskId: string): string;
  container(taskId: string, containerId: string): string;
  taskDefinition(family: string, revision: number): string;
  /** The id that is given, also as part of a task's ARN; whether there is such a task is another matter. @throws AwsError */
  taskId(idOrArn: string): string;
  /** From `family`, `family:revision` or an ARN of either. */
  taskDefinitionReference(text: string): TaskDefinitionReference;
  /** @throws AwsError unless the only cluster is meant; without a name, AWS means the cluster `default` */
  checkCluster(nameOrArn: string | undefined): void;
}>;

/** The names of everything, in the long format, which also holds the cluster. */
export function createArns(region: string, accountId: string, clusterName: string): Arns {
  const prefix = `arn:aws:ecs:${region}:${accountId}`;
  const cluster = `${prefix}:cluster/${clusterName}`;
  const taskPrefix = `${prefix}:task/${clusterName}/`;
  const definitionPrefix = `${prefix}:task-definition/`;
  /** ARNs in the short format, without the cluster, are still taken. */
  function idIn(arn: string): string {
    const [, type = '', path = ''] = /^arn:[\w-]+:ecs:[\w-]*:\d*:([\w-]+)\/(.*)$/.exec(arn) ?? [];
    if (type === '') refuse('Task Identifier is invalid');
    if (type !== 'task') refuse(`Unsupported resource type: ${type}`);
    const slash = path.indexOf('/');
    if (slash < 0) return path;
    const named = path.slice(0, slash);
    if (named !== clusterName)
      refuse(`Invalid identifier: Identifier is for cluster ${named}. Your cluster is ${clusterName}`);
    return path.slice(slash + 1);
  }

  return {
    cluster,
    task: (taskId) => taskPrefix + taskId,
    container: (taskId, containerId) => `${prefix}:container/${clusterName}/${taskId}/${containerId}`,
    taskDefinition: (family, revision) => `${definitionPrefix}${family}:${revision}`,
    taskId(idOrArn) {
      const id = idOrArn.startsWith('arn:') ? idIn(idOrArn) : idOrArn;
      if (!idLengths.includes(id.length)) refuse(`taskId length should be one of [${idLengths.join(',')}]`);
      if (!/^[\w-]+$/.test(id)) refuse('taskId contains invalid characters.');
      return id;
    },
    taskDefinitionReference(text) {
      const name = text.startsWith(definitionPrefix) ? text.slice(definitionPrefix.length) : text;
      const [, family, revision] = /^([\w-]+)(?::(\d+))?$/.exec(name) ?? [];
      if (family === undefined) {
        throw new AwsError('InvalidParameterException', `Invalid task definition: ${text}`);
      }
      return { family, revision: revision === undefined ? undefined : Number(revision) };
    },
    checkCluster(nameOrArn = 'default') {
      if (nameOrArn !== clusterName && nameOrArn !== cluster) {
        throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
      }
    },
  };
}

function refuse(message: string): never {
  throw new AwsError('InvalidParameterException', message);
}

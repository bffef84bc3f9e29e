import { AwsError } from '../awsError.ts';

export type TaskDefinitionReference = Readonly<{ family: string; revision: number | undefined }>;

export type Arns = Readonly<{
  cluster: string;
  task(taskId: string): string;
  container(taskId: string, containerId: string): string;
  taskDefinition(family: string, revision: number): string;
  /** The id in a task's ARN, or what may be an id; whether there is such a task is another matter. */
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
  return {
    cluster,
    task: (taskId) => taskPrefix + taskId,
    container: (taskId, containerId) => `${prefix}:container/${clusterName}/${taskId}/${containerId}`,
    taskDefinition: (family, revision) => `${definitionPrefix}${family}:${revision}`,
    taskId: (idOrArn) => (idOrArn.startsWith(taskPrefix) ? idOrArn.slice(taskPrefix.length) : idOrArn),
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

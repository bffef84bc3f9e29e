import type { RegisterTaskDefinitionRequest } from './registerTaskDefinitionRequest.ts';

type TaskDefinitionStatus = 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS';

/** One revision as it is kept, under its ARN; plain JSON. Times are in epoch seconds, as ECS answers them. */
export type StoredTaskDefinition = Readonly<
  Omit<RegisterTaskDefinitionRequest, 'tags'> & {
    taskDefinitionArn: string;
    revision: number;
    status: TaskDefinitionStatus;
    compatibilities: readonly string[];
    registeredAt: number;
    registeredBy: string;
    deregisteredAt?: number;
    deleteRequestedAt?: number;
    tags: Readonly<Record<string, string>>;
  }
>;

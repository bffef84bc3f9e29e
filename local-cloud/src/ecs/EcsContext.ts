import type { Arns } from './arns.ts';
import type { EcsDependencies } from './EcsDependencies.ts';
import type { TaskDefinitions } from './TaskDefinitions.ts';
import type { TaskLives } from './TaskLives.ts';
import type { TaskStore } from './TaskStore.ts';

/** What the operations share. */
export type EcsContext = Omit<EcsDependencies, 'taskDefinitions' | 'revisions'> &
  Readonly<{
    arns: Arns;
    taskDefinitions: TaskDefinitions;
    tasks: TaskStore;
    lives: TaskLives;
  }>;

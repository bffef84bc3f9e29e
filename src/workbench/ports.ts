import type { Size } from './model/fargateSizes.ts';
import type { Task } from './model/Task.ts';
import type { Destroy, Outcome, Workbench } from './model/Workbench.ts';

/** What is known of a workbench before it has an id. */
export type Draft = Readonly<{
  userId: string;
  /** Undefined: the default, which is made of the id. */
  name: string | undefined;
  /** As it is to be written down; undefined: whatever is the default. */
  profile: string | undefined;
  size: Size;
  createdAt: Date;
  request: string | undefined;
}>;

/** A name comes with the user, as what people read of a record shows both. */
export type WorkbenchChanges = Partial<
  Pick<Workbench, 'run' | 'stopped' | 'notBefore' | 'userId' | 'name' | 'profile' | 'size'>
> &
  Readonly<{ outcome?: Outcome; destroy?: Destroy }>;

/**
 * Where the workbenches are written down: the access points.
 * Every method throws UnavailableError when AWS does not answer, UpstreamError when it refuses.
 */
export interface Workbenches {
  /** The same token gives the same workbench, also after a lost answer. Its first generation is already meant to run. */
  create(draft: Draft, token: string): Promise<Workbench>;
  /** Undefined: no such access point, or not of this stack, or its tags can't be read. */
  find(id: string): Promise<Workbench | undefined>;
  /** @returns false if the workbench is gone */
  write(id: string, changes: WorkbenchChanges): Promise<boolean>;
  /** Deletes the record; the data must be gone already. Nothing to delete is fine. */
  remove(id: string): Promise<void>;
}

/** What ECS made of a RunTask call. No answer at all is an UnavailableError: the task may or may not be there. */
export type Launch =
  | Readonly<{ kind: 'launched'; taskId: string; task: Task | undefined }>
  | Readonly<{ kind: 'refused'; capacity: boolean; message: string }>
  /** The task definition went away meanwhile. */
  | Readonly<{ kind: 'noDefinition' }>;

export type LaunchRequest = Readonly<{
  workbench: Workbench;
  /** `family:revision` */
  definition: string;
  /** ECS answers the same token with the same task for as long as that lives, and an hour more. */
  token: string;
  purge: boolean;
}>;

/** The tasks of this stack, over ECS. Errors as for Workbenches. */
export interface Tasks {
  launch(request: LaunchRequest): Promise<Launch>;
  /** A task that ECS doesn't show, or whose very id it refuses, is not in the map. */
  describe(taskIds: readonly string[]): Promise<ReadonlyMap<string, Task>>;
  /** The tasks of the workbench's family that are meant to run, whoever started them. */
  running(workbenchId: string): Promise<readonly Task[]>;
  /** The ids of all tasks of the stack that are meant to run, whatever for. */
  allRunning(): Promise<ReadonlySet<string>>;
  /** As `running`, and those on their way down: every task of the family that hasn't ended. */
  living(workbenchId: string): Promise<readonly Task[]>;
  /** @returns false if ECS doesn't know the task, or refuses its very id */
  stop(taskId: string, reason: string): Promise<boolean>;
}

/** What workbenches print. Errors as for Workbenches. */
export interface Logs {
  /** The last lines of its last run, also after its end; undefined where none are kept. */
  tail(workbench: Workbench, lines: number): Promise<readonly string[] | undefined>;
  /** All there is of it. What AWS won't let be removed is told in the log, and left. */
  remove(workbench: Workbench): Promise<void>;
}

/** The task definitions, one family per workbench. Errors as for Workbenches. */
export interface TaskDefinitions {
  /** The first revision of a new workbench. @returns `family:revision` */
  register(workbench: Workbench): Promise<string>;
  /** Registers only what differs from the latest revision; for a purge, maybe one of its own. @returns `family:revision` */
  ensure(workbench: Workbench, purpose?: 'run' | 'purge'): Promise<string>;
  /** Page by page, the ids of the workbenches that active task definitions were registered for. */
  owners(): AsyncIterable<readonly string[]>;
  /** Deregisters and deletes every revision. */
  remove(workbenchId: string): Promise<void>;
}

/** Whether somebody waits for all of them, or rather for everything else. */
export type Haste = 'soon' | 'gently';

/** All that is written down, for those who keep a copy and clean up. */
export interface Records extends Workbenches {
  /** Page by page, oldest first; unreadable ones are logged and left out. */
  pages(haste: Haste): AsyncIterable<readonly Workbench[]>;
  /** Tells a workbench that is gone from one that can't be read. */
  exists(id: string): Promise<boolean>;
}

/**
 * Does what takes several calls of AWS when the user's turn has come: users take turns, at the pace that AWS allows.
 * @throws UnavailableError, with the time when a turn is likely: nothing was done; and whatever `operate` throws
 */
export type InTurn = <T>(user: string, operate: () => Promise<T>) => Promise<T>;

/** What commands work on. */
export type Ports = Readonly<{ workbenches: Workbenches; tasks: Tasks; definitions: TaskDefinitions }>;

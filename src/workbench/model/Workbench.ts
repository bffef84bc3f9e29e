import type { Size } from './fargateSizes.ts';

/** Why a workbench is not running although nobody asked it to stop. */
export type StoppedReason = Readonly<{
  code: StoppedReasonCode;
  /** What happened and what to do about it, for people. */
  message: string;
}>;

/** docs/errors.md says what to do about each. */
export const stoppedReasonCodes = [
  'OutOfMemory',
  'ImagePullFailed',
  'StorageMountFailed',
  'NoCapacity',
  'SpotReclaimed',
  'HostRetired',
  'StoppedByOperator',
  'Exited',
  'StartFailed',
  'Unknown',
] as const;

export type StoppedReasonCode = (typeof stoppedReasonCodes)[number];

/** What became of a generation: the task that ECS made of it, or ECS's refusal. */
export type Outcome =
  /** The profile where it is known for sure that the task was launched with it. */
  | Readonly<{ generation: number; taskId: string; launchedAt: number; profile?: string }>
  | Readonly<{ generation: number; refused: true }>;

/** How far a destroy has come. Its presence on a record is the intent. */
export type Destroy =
  | Readonly<{ step: 'requested' }>
  /** Attempts count from 1 within the generation whose data are to go; no task: ECS refused that attempt. */
  | Readonly<{ step: 'purging'; generation: number; attempt: number; taskId: string | undefined; launchedAt: number }>
  /** Every byte written up to and including this generation is gone. */
  | Readonly<{ step: 'purged'; generation: number }>;

/** A workbench as AWS keeps it: the tags of one access point. */
export type Workbench = Readonly<{
  /** The access point's id without `fsap-`. */
  id: string;
  userId: string;
  name: string;
  /** What it is to run as; undefined: whatever is the default. */
  profile: string | undefined;
  /** CPU units and MiB. */
  size: Size;
  createdAt: Date;
  /** Its access point can be mounted. */
  storageReady: boolean;
  /** The latest generation that anyone meant to start; 0: never started. Written before ECS is asked. */
  run: number;
  /** Written after ECS answered. Behind `run`, the answer is still outstanding. */
  outcome: Outcome | undefined;
  /** Made by a create without a key. Until the outcome is written down, its caller has no answer, or a refusal. */
  unanswered?: true;
  /** Kept because ECS forgets a task after an hour. */
  stopped: Readonly<{ generation: number; reason: StoppedReason }> | undefined;
  destroy: Destroy | undefined;
  /** When its user last signed out, in milliseconds since the epoch: whoever signed in until then is out again. */
  notBefore?: number;
  /** Tells which create made it; see `createMark`. */
  createMark: string;
  /** Fingerprint of the create request, where that came with an idempotency key. */
  request: string | undefined;
}>;

/** Nobody starts a workbench so often: a record that says so has been edited, and can't be started once more. */
export const LAST_GENERATION = 999_999_999;

/** The latest generation that the record knows of, whichever of its two halves is newer. */
export function latestGeneration({ run, outcome }: Workbench): number {
  return Math.max(run, outcome?.generation ?? 0);
}

/** Somebody meant to start this generation and nobody wrote down what ECS made of it: a start in flight, or a crash. */
export function outstandingGeneration({ run, outcome }: Workbench): number | undefined {
  return run > (outcome?.generation ?? 0) ? run : undefined;
}

/** A task that a record names, unless it isn't the workbench's: whoever edits the record reaches nobody else's. */
export function ownTask<T extends Readonly<{ workbenchId: string | undefined }>>(
  { id }: Workbench,
  task: T | undefined,
): T | undefined {
  return task?.workbenchId === id ? task : undefined;
}

/** Nobody was promised this workbench, and nobody can ask for it again: it may be found, but must not be started. */
export function isUnanswered({ unanswered, outcome }: Workbench): boolean {
  return unanswered === true && outcome === undefined;
}

/** The task of the latest generation, where ECS made one. */
export function lastTask({ outcome }: Workbench): Extract<Outcome, { taskId: string }> | undefined {
  return outcome && 'taskId' in outcome ? outcome : undefined;
}

/** Whether it can be a workbench's: an access point's id, as EFS forms them, without `fsap-`. */
export function isWorkbenchId(text: string): boolean {
  return /^[0-9a-f]{8,40}$/.test(text);
}

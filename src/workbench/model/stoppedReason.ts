import type { TaskEnd } from './Task.ts';
import type { StoppedReason, StoppedReasonCode } from './Workbench.ts';

/**
 * What our own StopTask calls give as the reason. ECS keeps it as stoppedReason, which tells them from everybody else's;
 * tasks that an earlier version stopped carry these texts too.
 */
export const stopReasons = {
  request: 'Stopped by request',
  destroy: 'Its workbench is being destroyed',
  lostStart: 'Its workbench was destroyed',
  orphan: 'Its workbench no longer exists',
} as const;

const ownStops: ReadonlySet<string> = new Set(Object.values(stopReasons));

const remedies: Readonly<Record<StoppedReasonCode, string>> = {
  OutOfMemory: 'It ran out of memory. Create a workbench with more memory, or start it again and use less.',
  ImagePullFailed:
    'Its image could not be fetched. Check that the image exists and may be pulled, then start it again.',
  StorageMountFailed:
    'Its files could not be mounted. Check the mount targets and security groups, then start it again.',
  NoCapacity: 'The cloud had no room for it. Start it again in a few minutes.',
  SpotReclaimed: 'The cloud took its spot capacity back. Its files are safe; start it again.',
  HostRetired: 'The cloud retired the host that it ran on. Its files are safe; start it again.',
  StoppedByOperator: 'It was stopped from outside the controller. Its files are safe; start it again.',
  Exited: 'Its main process ended. Look at its log, then start it again.',
  StartFailed: 'The cloud could not start it. Look at the cause, then start it again.',
  Unknown: 'It was stopped, and the cloud did not say why. Its files are safe; start it again.',
};

export function isStoppedReasonCode(text: string): text is StoppedReasonCode {
  return Object.hasOwn(remedies, text);
}

/**
 * Why a task ended; undefined after a stop of our own.
 * The texts are those that ECS documents under "Stopped tasks error messages".
 */
export function stoppedReasonOf(end: TaskEnd): StoppedReason | undefined {
  const { stopCode, stoppedReason = '', exitCode, containerReason = '' } = end;
  if (ownStops.has(stoppedReason)) return undefined;
  if (stopCode === 'UserInitiated') {
    // Who gave no reason is told as "Task stopped by user"; an endpoint that keeps none can't tell whose stop it was.
    // How a process ended that was told to end says nothing.
    return stoppedReason ? explain('StoppedByOperator', { ...end, containerReason: undefined }) : undefined;
  }
  return explain(codeOf(stopCode, `${containerReason} ${stoppedReason}`, exitCode), end);
}

function codeOf(stopCode: string | undefined, text: string, exitCode: number | undefined): StoppedReasonCode {
  if (/OutOfMemory/i.test(text)) return 'OutOfMemory';
  if (/CannotPull|pull image|image manifest/i.test(text)) return 'ImagePullFailed';
  if (/EFS|mount/i.test(text) && /ResourceInitializationError|failed to invoke|mount/i.test(text))
    return 'StorageMountFailed';
  if (stopCode === 'SpotInterruption') return 'SpotReclaimed';
  if (stopCode === 'TerminationNotice' || /retire|maintenance|Host EC2/i.test(text)) return 'HostRetired';
  if (/capacity/i.test(text)) return 'NoCapacity';
  if (stopCode === 'TaskFailedToStart') return 'StartFailed';
  if (stopCode === 'EssentialContainerExited' || exitCode !== undefined) return 'Exited';
  return 'Unknown';
}

function explain(code: StoppedReasonCode, { stoppedReason, exitCode, containerReason }: TaskEnd): StoppedReason {
  const cause = containerReason ?? stoppedReason;
  const exit = code === 'Exited' && exitCode !== undefined ? ` Exit code: ${exitCode}.` : '';
  return { code, message: `${remedies[code]}${exit}${cause ? ` Cause: ${cause}` : ''}` };
}

/** A start that ECS refused. @param cause ECS's words */
export function refusalReason(capacity: boolean, cause: string): StoppedReason {
  const code = capacity ? 'NoCapacity' : 'StartFailed';
  return { code, message: `${remedies[code]} Cause: ${cause}` };
}

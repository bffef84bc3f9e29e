import { describe, expect, test } from '@jest/globals';
import { refusalReason, stoppedReasonOf, stopReasons } from '../../../src/workbench/model/stoppedReason.ts';
import type { TaskEnd } from '../../../src/workbench/model/Task.ts';
import type { StoppedReasonCode } from '../../../src/workbench/model/Workbench.ts';

const ended = (end: Partial<TaskEnd>): TaskEnd => ({
  stopCode: undefined,
  stoppedReason: undefined,
  exitCode: undefined,
  containerReason: undefined,
  ...end,
});

/** The texts are those of "Stopped tasks error messages" in the ECS Developer Guide. */
const exited = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' };
const failed = { stopCode: 'TaskFailedToStart' };

describe('why a task stopped', () => {
  test.each<[StoppedReasonCode, Partial<TaskEnd>]>([
    [
      'OutOfMemory',
      { ...exited, exitCode: 137, containerReason: 'OutOfMemoryError: Container killed due to memory usage' },
    ],
    ['OutOfMemory', { ...exited, exitCode: 137, containerReason: 'OutOfMemory: Container killed due to memory usage' }],
    [
      'ImagePullFailed',
      { ...failed, stoppedReason: 'CannotPullContainerError: pull image manifest has been retried 5 time(s)' },
    ],
    [
      'ImagePullFailed',
      {
        ...failed,
        containerReason: 'CannotPullContainerError: ref pull has been retried 1 time(s): failed to resolve reference',
      },
    ],
    [
      'ImagePullFailed',
      { ...failed, stoppedReason: 'CannotPullImageManifestError: Error response from daemon: manifest unknown' },
    ],
    [
      'StorageMountFailed',
      {
        ...failed,
        stoppedReason:
          'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: access denied',
      },
    ],
    [
      'StorageMountFailed',
      {
        ...failed,
        stoppedReason:
          'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: command failed: signal: killed',
      },
    ],
    [
      'NoCapacity',
      {
        ...failed,
        stoppedReason:
          'Capacity is unavailable at this time. Please try again later or in a different availability zone',
      },
    ],
    [
      'SpotReclaimed',
      { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.', exitCode: 143 },
    ],
    ['HostRetired', { stopCode: 'TerminationNotice', stoppedReason: 'Your task is being stopped.' }],
    [
      'HostRetired',
      {
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: 'ECS is performing maintenance on the underlying infrastructure hosting the task.',
      },
    ],
    ['HostRetired', { stoppedReason: 'Host EC2 (instance i-0123456789abcdef0) stopped/terminated.' }],
    ['HostRetired', { stoppedReason: 'Host EC2 (instance i-0123456789abcdef0) stopped/terminated.', exitCode: 143 }],
    ['Exited', { ...exited, exitCode: 0 }],
    ['Exited', { ...exited, exitCode: 1 }],
    ['Exited', { ...exited, exitCode: 137 }],
    ['Exited', exited],
    [
      'StartFailed',
      {
        ...failed,
        stoppedReason:
          'CannotStartContainerError: failed to create shim task: OCI runtime create failed: exec: "sh": executable file not found',
      },
    ],
    [
      'StartFailed',
      {
        ...failed,
        stoppedReason:
          'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed',
      },
    ],
    [
      'StartFailed',
      {
        ...failed,
        stoppedReason:
          'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times',
      },
    ],
    ['StartFailed', { ...failed, stoppedReason: 'Timeout waiting for network interface provisioning to complete.' }],
    ['StartFailed', failed],
    ['Unknown', { stopCode: 'ServiceSchedulerInitiated' }],
    ['Unknown', {}],
  ])('is %s for %j', (code, end) => {
    const reason = stoppedReasonOf(ended(end));
    expect(reason?.code).toBe(code);
    expect(reason?.message.length).toBeGreaterThan(20);
  });

  test('repeats what ECS said and the exit code, after what to do', () => {
    expect(stoppedReasonOf(ended({ ...exited, exitCode: 3 }))?.message).toMatch(
      /start it again\. Exit code: 3\. Cause: Essential container in task exited$/,
    );
  });

  // Spelled out: tasks that were stopped yesterday carry these very texts.
  const ours = [
    'Stopped by request',
    'Its workbench is being destroyed',
    'Its workbench was destroyed',
    'Its workbench no longer exists',
  ];

  test.each(ours)('is not said after a stop of our own: %s', (stoppedReason) => {
    expect(stoppedReasonOf(ended({ stopCode: 'UserInitiated', stoppedReason, exitCode: 137 }))).toBeUndefined();
    // By an endpoint that gives no code.
    expect(stoppedReasonOf(ended({ stoppedReason, exitCode: 137 }))).toBeUndefined();
  });

  test('is said by all our stops in words that are known as ours', () => {
    expect(ours).toEqual(expect.arrayContaining(Object.values(stopReasons)));
  });

  test('is not guessed where an endpoint keeps no reason of a stop', () => {
    expect(stoppedReasonOf(ended({ stopCode: 'UserInitiated', exitCode: 143 }))).toBeUndefined();
  });

  // The words of other people may look like a reason of ECS's.
  test.each(['maintenance', 'Task stopped by user', 'OutOfMemory? capacity? EFS mount?', 'stopped by request'])(
    'is an operator’s stop, with the reason given and where it came from: %s',
    (stoppedReason) => {
      const end = { stopCode: 'UserInitiated', stoppedReason, exitCode: 143, containerReason: 'OutOfMemoryError' };
      expect(stoppedReasonOf(ended(end))).toEqual({
        code: 'StoppedByOperator',
        message: expect.stringMatching(/stopped from outside the controller.* start it again\..* Cause: /),
      });
      expect(stoppedReasonOf(ended(end))?.message.endsWith(`Cause: ${stoppedReason}`)).toBe(true);
    },
  );
});

describe('why a start was refused', () => {
  test.each([
    [true, 'NoCapacity'],
    [false, 'StartFailed'],
  ] as const)('with capacity as the cause: %s, is %s, with ECS’s words', (capacity, code) => {
    expect(refusalReason(capacity, 'RESOURCE:CPU')).toEqual({ code, message: expect.stringContaining('RESOURCE:CPU') });
  });
});

import { ConflictError, NotFoundError, UnavailableError, UpstreamError } from '../../lib/errors.ts';

/** The same words for a workbench that isn't there and one that is somebody else's. */
export function noSuchWorkbench(): NotFoundError {
  return new NotFoundError('There is no such workbench; list yours with GET /workbenches');
}

/** It never ran, nothing takes what it prints, or what was taken is gone. */
export function noLogs(): NotFoundError {
  const message = 'No log is kept of the workbench’s last run; one begins when its container does';
  return new NotFoundError(message, { code: 'no_logs' });
}

export function beingDestroyed(): ConflictError {
  return new ConflictError('The workbench is being destroyed; create a new one', { code: 'destroying' });
}

export function goingDown(): ConflictError {
  const message = 'The workbench is still stopping; start it again when its status is stopped';
  return new ConflictError(message, { code: 'stopping', retryAfterSeconds: 2 });
}

/** Its generations are used up, which no number of starts could do. */
export function brokenRecord(): ConflictError {
  const message = 'The record of the workbench is broken; its administrator can correct its tags, or destroy it';
  return new ConflictError(message, { code: 'broken_record' });
}

/** @param names of those that are offered */
export function profileGone(profile: string | undefined, names: readonly string[]): ConflictError {
  const message = `Its profile ${profile} is not offered any more; give it one of ${names.join(', ')} by PATCH, then start it`;
  return new ConflictError(message, { code: 'profile_gone' });
}

/** @param fault what is wrong with it, and what would be right */
export function sizeUnavailable(fault: string): ConflictError {
  return new ConflictError(`Its size can’t be had: ${fault}. Give it another by PATCH, then start it`, {
    code: 'size_unavailable',
  });
}

export function takesLong(): UnavailableError {
  return new UnavailableError('The cloud takes long to answer; look at the workbench again in a moment');
}

/** ECS was asked for a task and said no. */
export function refusedByCloud(capacity: boolean): Error {
  return capacity
    ? new UnavailableError('The cloud has no capacity for the workbench now; try again in a minute', {
        code: 'no_capacity',
        retryAfterSeconds: 60,
      })
    : new UpstreamError('AWS refused to start the workbench; its administrator finds the cause in the log');
}

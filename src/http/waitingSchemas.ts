import type { Request, Response } from 'express';
import type { Fault } from '../lib/errors.ts';
import { checked, userFaults, userOf } from './requestSchemas.ts';

const LONGEST_WAIT_SECONDS = 60;
const states: ReadonlySet<string> = new Set(['running', 'stopped', 'gone']);
const eventId = /^[0-9a-f]{16}$/;

/** A poll, and how many seconds it is willing to wait for a change. @throws InputError, NotAllowedError */
export function readPoll(request: Request, response: Response): Readonly<{ userId: string; waitSeconds: number }> {
  const given = request.query['wait'];
  const seconds = typeof given === 'string' && /^\d{1,3}$/.test(given) ? Number(given) : undefined;
  const wrong = given !== undefined && (seconds === undefined || seconds > LONGEST_WAIT_SECONDS);
  const message = `must be a whole number of seconds from 0 to ${LONGEST_WAIT_SECONDS}, given once`;
  const faults: readonly Fault[] = wrong ? [{ field: 'wait', message }] : [];
  return checked([...userFaults(request, response), ...faults], () => ({
    userId: userOf(request, response),
    waitSeconds: seconds ?? 0,
  }));
}

/** @throws InputError naming every fault, NotAllowedError */
export function readEventsRequest(
  request: Request,
  response: Response,
): Readonly<{ userId: string; until: ReadonlySet<string>; lastEventId: string | undefined }> {
  const given = request.query['until'];
  const until = typeof given === 'string' ? given.split(',') : [];
  const faults: Fault[] = [];
  if (given !== undefined && (until.length === 0 || until.some((state) => !states.has(state)))) {
    faults.push({
      field: 'until',
      message: `must be one or several of ${[...states].join(', ')}, separated by commas`,
    });
  }
  const lastEventId = request.get('last-event-id');
  if (lastEventId && !eventId.test(lastEventId)) {
    faults.push({ field: 'Last-Event-ID', message: 'must be the id of an event of this stream; leave it out' });
  }
  return checked([...userFaults(request, response), ...faults], () => ({
    userId: userOf(request, response),
    until: new Set(until),
    lastEventId: lastEventId || undefined,
  }));
}

import { AwsError } from '../awsError.ts';
import type { Operations } from '../operation.ts';
import type { LogStore } from './LogStore.ts';
import type { LogStream } from './LogStream.ts';
import {
  createLogGroupRequest,
  deleteLogStreamRequest,
  describeLogStreamsRequest,
  getLogEventsRequest,
  parse,
} from './requests.ts';

/** What the local cloud has of CloudWatch Logs. @param arnPrefix `arn:aws:logs:<region>:<account>` */
export function logOperations(store: LogStore, arnPrefix: string, now: () => number): Operations {
  function present({ head, firstEventAt, lastEventAt }: LogStream): object {
    return {
      logStreamName: head.name,
      creationTime: head.createdAt,
      firstEventTimestamp: firstEventAt,
      lastEventTimestamp: lastEventAt,
      lastIngestionTime: lastEventAt,
      arn: `${arnPrefix}:log-group:${head.group}:log-stream:${head.name}`,
      storedBytes: 0,
    };
  }

  return {
    CreateLogGroup(input) {
      store.createGroup(parse(createLogGroupRequest, input).logGroupName, now());
      return {};
    },

    async GetLogEvents(input) {
      const request = parse(getLogEventsRequest, input);
      const { startTime = 0, endTime = Number.POSITIVE_INFINITY, limit, nextToken } = request;
      const stream = store.get(request.logGroupName, request.logStreamName);
      const token = nextToken === undefined ? undefined : readToken(nextToken);
      const forward = token?.forward ?? request.startFromHead;
      const wanted = { limit, startTime, endTime };
      const page = forward
        ? await stream.eventsFrom(token?.offset, wanted)
        : await stream.eventsBefore(token?.offset, wanted);
      return {
        events: page.events.map(({ timestamp, message }) => ({ timestamp, message, ingestionTime: timestamp })),
        nextForwardToken: writeToken('f', page.after),
        nextBackwardToken: writeToken('b', page.before),
      };
    },

    DescribeLogStreams(input) {
      const { logGroupName, logStreamNamePrefix = '', ...request } = parse(describeLogStreamsRequest, input);
      const { orderBy, descending, nextToken, limit } = request;
      const all = store.streamsOf(logGroupName).filter(({ head }) => head.name.startsWith(logStreamNamePrefix));
      const ordered = orderBy === 'LogStreamName' ? all : [...all].sort(byLastEvent);
      if (descending) ordered.reverse();
      const begin = nextToken === undefined ? 0 : afterStream(ordered, nextToken);
      const page = ordered.slice(begin, begin + limit);
      const last = page.at(-1);
      const more = last !== undefined && begin + limit < ordered.length;
      return {
        logStreams: page.map(present),
        ...(more ? { nextToken: Buffer.from(last.head.name).toString('base64url') } : {}),
      };
    },

    async DeleteLogStream(input) {
      const { logGroupName, logStreamName } = parse(deleteLogStreamRequest, input);
      await store.remove(logGroupName, logStreamName);
      return {};
    },
  };
}

function byLastEvent({ lastEventAt: one = 0 }: LogStream, { lastEventAt: other = 0 }: LogStream): number {
  return one - other;
}

/** Where the page after the named stream begins; streams may have gone meanwhile. */
function afterStream(ordered: readonly LogStream[], token: string): number {
  const name = Buffer.from(token, 'base64url').toString();
  const index = ordered.findIndex(({ head }) => head.name === name);
  if (index >= 0) return index + 1;
  const next = ordered.findIndex(({ head }) => head.name > name);
  return next < 0 ? ordered.length : next;
}

/** As long as CloudWatch's own. */
function writeToken(direction: 'f' | 'b', offset: number): string {
  return `${direction}/${String(offset).padStart(56, '0')}/s`;
}

function readToken(token: string): Readonly<{ forward: boolean; offset: number }> {
  const [, direction, offset] = /^([fb])\/(\d{56})\/s$/.exec(token) ?? [];
  if (!direction) throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  return { forward: direction === 'f', offset: Number(offset) };
}

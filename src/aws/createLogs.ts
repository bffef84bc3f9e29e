import {
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandOutput,
  type LogStream,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Context } from '../lib/Context.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { Turn } from '../lib/paceCalls.ts';
import { lastTask } from '../workbench/model/Workbench.ts';
import type { Logs } from '../workbench/ports.ts';
import { callAws, isAwsError } from './awsErrors.ts';
import type { Clients } from './clients.ts';
import { inTheBackground, type Paces } from './createPaces.ts';
import { formerLogStream, logStreamOf, logStreamPrefix } from './taskDefinition.ts';

/** GetLogEvents answers no more at a time, nor more than 1 MB; pages may be short of both, or empty. */
const MOST_EVENTS = 10_000;
const MOST_PAGES = 40;
/** Of what is told: a line has up to 256 KB, and nobody reads so much of ten thousand. */
const MOST_BYTES = 5 * 1024 * 1024;

export type LogsConfig = Readonly<{ stack: string; logGroup: string | undefined }>;

/** CloudWatch Logs: a stream a task, which the awslogs driver writes. Without a log group there are none. */
export function createLogs(
  { once }: Clients,
  paces: Paces,
  turnWithinMs: number,
  { stack, logGroup }: LogsConfig,
  { clock, logger }: Context,
): Logs {
  /** @returns undefined where the group or the stream isn't there */
  async function call<T>(send: () => Promise<T>, turn: Turn): Promise<T | undefined> {
    const answer = await callAws<T | 'missing'>(
      () => paces.logs.send(send, turn),
      (error) => (isAwsError(error, 'ResourceNotFoundException') ? 'missing' : undefined),
    );
    return answer === 'missing' ? undefined : answer;
  }

  async function* streams(logStreamNamePrefix: string, turn: Turn): AsyncGenerator<LogStream> {
    let nextToken: string | undefined;
    do {
      const request = new DescribeLogStreamsCommand({ logGroupName: logGroup, logStreamNamePrefix, nextToken });
      const page = await call(() => once.logs.send(request), turn);
      yield* page?.logStreams ?? [];
      nextToken = page?.nextToken;
    } while (nextToken);
  }

  /** Of a workbench whose record names no task: its last start was refused. */
  async function latest(workbenchId: string, turn: Turn): Promise<string | undefined> {
    let found: LogStream | undefined;
    for await (const stream of streams(logStreamPrefix(stack, workbenchId), turn)) {
      if (!found || timeOf(stream) >= timeOf(found)) found = stream;
    }
    return found?.logStreamName;
  }

  async function read(logStreamName: string, lines: number, turn: Turn): Promise<readonly string[] | undefined> {
    const pages: (readonly string[])[] = [];
    let [count, bytes] = [0, 0];
    let nextToken: string | undefined;
    for (let page = 0; page < MOST_PAGES && count < lines && bytes < MOST_BYTES; page += 1) {
      const limit = Math.min(lines - count, MOST_EVENTS);
      const request = new GetLogEventsCommand({ logGroupName: logGroup, logStreamName, limit, nextToken });
      const answer: GetLogEventsCommandOutput | undefined = await call(() => once.logs.send(request), turn);
      if (!answer) return undefined;
      // An event of another driver may have several lines.
      const messages = (answer.events ?? []).flatMap(({ message = '' }) => message.split('\n'));
      pages.unshift(messages);
      count += messages.length;
      bytes += messages.reduce((sum, { length }) => sum + length, 0);
      // The beginning of the stream: the same token comes again.
      if (answer.nextBackwardToken === nextToken) break;
      nextToken = answer.nextBackwardToken;
    }
    return pages.flat().slice(-lines);
  }

  async function removeStreams(workbenchId: string, lastTaskId: string | undefined): Promise<void> {
    let lastSeen = false;
    for await (const { logStreamName } of streams(logStreamPrefix(stack, workbenchId), inTheBackground)) {
      const request = new DeleteLogStreamCommand({ logGroupName: logGroup, logStreamName });
      await call(() => once.logs.send(request), inTheBackground);
      lastSeen ||= logStreamName === logStreamOf(stack, workbenchId, lastTaskId ?? '');
    }
    if (!lastTaskId || lastSeen) return;
    for await (const { logStreamName } of streams(formerLogStream(stack, lastTaskId), inTheBackground)) {
      // Its name says nothing of the workbench, and records can be edited: it may be anybody's.
      logger.warn({ workbench: workbenchId, logGroup, logStreamName }, 'a log stream of an earlier release is left');
    }
  }

  return {
    async tail(workbench, lines) {
      if (!logGroup) return undefined;
      const turn = { user: workbench.userId, urgency: 'soon', until: clock.monotonic() + turnWithinMs } as const;
      const taskId = lastTask(workbench)?.taskId;
      const stream = taskId ? logStreamOf(stack, workbench.id, taskId) : await latest(workbench.id, turn);
      return stream === undefined ? undefined : await read(stream, lines, turn);
    },

    async remove(workbench) {
      if (!logGroup) return;
      try {
        await removeStreams(workbench.id, lastTask(workbench)?.taskId);
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        const rights = 'grant logs:DescribeLogStreams and logs:DeleteLogStream, as docs/iam-policy.json does';
        logger.warn(
          { workbench: workbench.id, logGroup, err: error },
          `log streams of a destroyed workbench are left: ${rights}`,
        );
      }
    },
  };
}

function timeOf({ lastEventTimestamp, creationTime = 0 }: LogStream): number {
  return lastEventTimestamp ?? creationTime;
}

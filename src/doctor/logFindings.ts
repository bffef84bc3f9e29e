import {
  type CloudWatchLogsClient,
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { isAwsError } from '../aws/awsErrors.ts';
import { formerLogStream } from '../aws/taskDefinition.ts';
import { type Finding, failed, ok, warning } from './Finding.ts';
import { refused } from './refused.ts';
import type { Target } from './Target.ts';

const CHECK = 'logs';

/** The log group, and what the controller may do with it: tried with a stream of the stack that there can't be. */
export async function logFindings(
  { logGroup, stack, region }: Pick<Target, 'logGroup' | 'stack' | 'region'>,
  logs: CloudWatchLogsClient,
): Promise<Finding[]> {
  if (!logGroup) return [ok(CHECK, 'none are kept, as WB_LOG_GROUP is not set')];
  const nobodys = { logGroupName: logGroup, logStreamName: `${stack}/doctor` };
  const former = { logGroupName: logGroup, logStreamNamePrefix: formerLogStream(stack, ''), limit: 1 };
  const lists = await tried('logs:DescribeLogStreams', () => logs.send(new DescribeLogStreamsCommand(former)));
  if (lists.missing) {
    const remedy = `Create it: aws logs create-log-group --region ${region} --log-group-name ${logGroup}`;
    return [failed(CHECK, `there is no log group ${logGroup} in ${region}, and tasks don't start without it`, remedy)];
  }
  const others = await Promise.all([
    tried('logs:GetLogEvents', () => logs.send(new GetLogEventsCommand(nobodys))),
    tried('logs:DeleteLogStream', () => logs.send(new DeleteLogStreamCommand(nobodys))),
  ]);
  const faults = [lists, ...others].flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) return faults;
  const left = lists.answer?.logStreams?.length ?? 0;
  return [
    ok(CHECK, `${logGroup} is there, and its streams may be read and removed`),
    ...(left > 0 ? [formerStreams(former.logStreamNamePrefix)] : []),
  ];
}

function formerStreams(prefix: string): Finding {
  const message = `streams of an earlier release, ${prefix}…, are there, which no destroy removes`;
  return warning('former logs', message, 'Remove them when you need them no more: docs/upgrading.md says how');
}

type Tried<T> = Readonly<{ answer?: T; missing?: true; fault?: Finding }>;

async function tried<T>(action: string, call: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { answer: await call() };
  } catch (error) {
    return isAwsError(error, 'ResourceNotFoundException')
      ? { missing: true }
      : { fault: refused(CHECK, action, error) };
  }
}

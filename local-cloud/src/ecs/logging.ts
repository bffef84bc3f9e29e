import { AwsError } from '../awsError.ts';
import type { LogDestination } from '../logs/createLogs.ts';
import type { RegisterTaskDefinitionRequest } from './registerTaskDefinitionRequest.ts';
import type { Task } from './Task.ts';

const onFargate = ['awsfirelens', 'awslogs', 'splunk'];

/** What ECS refuses of a log configuration. @throws AwsError */
export function checkLogging({
  containerDefinitions,
  requiresCompatibilities = [],
  executionRoleArn,
}: RegisterTaskDefinitionRequest): void {
  const fargate = requiresCompatibilities.includes('FARGATE');
  for (const { logConfiguration } of containerDefinitions) {
    if (!logConfiguration) continue;
    const { logDriver, options } = logConfiguration;
    if (fargate && !onFargate.includes(logDriver)) {
      refuse(`Fargate only supports log drivers [${onFargate.join(', ')}], but found ${logDriver}.`);
    }
    if (logDriver !== 'awslogs') continue;
    const needed = ['awslogs-group', 'awslogs-region', ...(fargate ? ['awslogs-stream-prefix'] : [])];
    const missing = needed.filter((name) => !options[name]);
    if (missing.length > 0) refuse(`Log driver awslogs requires options: ${missing.join(', ')}`);
    if (fargate && !executionRoleArn) {
      refuse('Fargate requires task definition to have execution role ARN to support log driver awslogs.');
    }
  }
}

/** Where a task's container logs to; undefined with another driver than awslogs, whose output nobody takes here. */
export function logDestinationOf({ id, containerId, definition }: Task): LogDestination | undefined {
  const [container] = definition.containerDefinitions;
  const { logDriver, options = {} } = container?.logConfiguration ?? {};
  const group = options['awslogs-group'];
  if (!container || logDriver !== 'awslogs' || group === undefined) return undefined;
  const prefix = options['awslogs-stream-prefix'];
  const stream = prefix ? `${prefix}/${container.name}/${id}` : containerId;
  return { group, stream, createGroup: options['awslogs-create-group'] === 'true' };
}

function refuse(message: string): never {
  throw new AwsError('ClientException', message);
}

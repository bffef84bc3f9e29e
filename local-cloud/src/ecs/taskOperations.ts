import { z } from 'zod';
import { AwsError } from '../awsError.ts';
import type { Operations } from '../operation.ts';
import type { EcsContext } from './EcsContext.ts';
import { pageSize, paginate, positionIn, sortableNumber } from './paginate.ts';
import { parseRequest } from './parseRequest.ts';
import { presentTask } from './presentTask.ts';
import { runTaskOperation } from './runTaskOperation.ts';
import type { Task } from './Task.ts';

const stopRequest = z.object({
  cluster: z.string().optional(),
  task: z.string('Task can not be blank.').min(1, 'Task can not be blank.'),
  reason: z.string().max(255, 'reason longer than 255.').optional(),
});

const describeRequest = z.object({
  cluster: z.string().optional(),
  tasks: z.array(z.string()).min(1, 'Tasks cannot be empty.').max(100, 'taskIds can have at most 100 items.'),
  include: z.array(z.enum(['TAGS'])).optional(),
});

const listRequest = z.object({
  cluster: z.string().optional(),
  family: z.string().optional(),
  startedBy: z.string().optional(),
  desiredStatus: z.enum(['RUNNING', 'PENDING', 'STOPPED']).optional(),
  launchType: z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES']).optional(),
  containerInstance: z.string().optional(),
  serviceName: z.string().optional(),
  daemonName: z.string().optional(),
  nextToken: z.string().optional(),
  maxResults: z.int().min(1).max(100).default(pageSize),
});

export function taskOperations(context: EcsContext): Operations {
  const { arns, tasks, lives, now } = context;

  /** Stopping works on a task that can't be seen yet. */
  function stop(input: unknown) {
    const request = parseRequest(stopRequest, input);
    arns.checkCluster(request.cluster);
    const task = tasks.get(arns.taskId(request.task));
    if (task === undefined) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
    if (task.desiredStatus === 'RUNNING') {
      lives.stop(task, 'UserInitiated', request.reason ?? 'Task stopped by user');
      task.tags = {};
    }
    return { task: presentTask(task, context, false) };
  }

  function describe(input: unknown) {
    const request = parseRequest(describeRequest, input);
    arns.checkCluster(request.cluster);
    const withTags = request.include?.includes('TAGS') ?? false;
    const found: object[] = [];
    const failures: object[] = [];
    const time = now();
    // One wrong id, and the whole call is refused.
    for (const id of request.tasks.map(arns.taskId)) {
      const task = tasks.get(id);
      if (task !== undefined && task.visibleFrom <= time) found.push(presentTask(task, context, withTags));
      else failures.push({ arn: arns.task(id), reason: 'MISSING' });
    }
    return { tasks: found, failures };
  }

  function list(input: unknown) {
    const { cluster, nextToken, maxResults, startedBy, ...filters } = parseRequest(listRequest, input);
    arns.checkCluster(cluster);
    if (startedBy !== undefined && Object.values(filters).some((filter) => filter !== undefined)) {
      throw new AwsError('InvalidParameterException', 'When you specify startedBy, it must be the only filter.');
    }
    if (filters.serviceName !== undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.');
    // There are no container instances and no daemons, hence no tasks on them.
    if (filters.containerInstance !== undefined || filters.daemonName !== undefined) return { taskArns: [] };
    const { family, launchType, desiredStatus = 'RUNNING' } = filters;
    const matching: Task[] = [];
    const time = now();
    const last = nextToken === undefined ? 0 : Number(positionIn(nextToken));
    for (const task of tasks.list({ family, startedBy }).after(last)) {
      if (task.desiredStatus !== desiredStatus || task.visibleFrom > time) continue;
      if (launchType === undefined || task.launchType === launchType) matching.push(task);
      // One more than fits tells that there is another page; who comes after it doesn't matter.
      if (matching.length > maxResults) break;
    }
    const page = paginate(matching, ({ sequence }) => sortableNumber(sequence), { nextToken, maxResults });
    return { taskArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
  }

  return { RunTask: runTaskOperation(context), StopTask: stop, DescribeTasks: describe, ListTasks: list };
}

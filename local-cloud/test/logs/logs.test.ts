import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateLogGroupCommand,
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTasksCommand,
  type LogConfiguration,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRuntime } from '@workbench/local-cloud/runtime';
import { pino } from 'pino';
import { eventually } from '../support/eventually.ts';
import { startTestCloud, type TestCloud } from '../support/startTestCloud.ts';

const group = '/workbenches';
let dir: string;
let test1: TestCloud;
let families = 0;

async function startCloud(): Promise<TestCloud> {
  const runtime = await createRuntime('process', {
    dir: join(dir, 'runtime'),
    nodePath: process.execPath,
    logger: pino({ level: 'silent' }),
  });
  return await startTestCloud({ dir, runtime });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'local-cloud-logs-'));
  test1 = await startCloud();
});

afterAll(async () => {
  await test1[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

/** Runs a shell script as a task, to its end. @returns its log stream, and why it ended */
async function run(script: string, options: Readonly<Record<string, string>> = {}) {
  const { cloud, ecs } = test1;
  families += 1;
  const family = `wb-${families}`;
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
      containerDefinitions: [
        {
          name: 'main',
          image: 'any',
          entryPoint: ['sh', '-c'],
          command: [script],
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': group,
              'awslogs-region': 'us-east-1',
              'awslogs-stream-prefix': family,
              ...options,
            },
          },
        },
      ],
    }),
  );
  const { tasks = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: cloud.cluster,
      taskDefinition: family,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...cloud.subnets] } },
    }),
  );
  const [{ taskArn = '' } = {}] = tasks;
  const ended = await eventually(
    async () => (await ecs.send(new DescribeTasksCommand({ cluster: cloud.cluster, tasks: [taskArn] }))).tasks?.[0],
    (task) => task?.lastStatus === 'STOPPED',
  );
  const prefix = options['awslogs-stream-prefix'] ?? family;
  return { family, stream: `${prefix}/main/${taskArn.split('/').pop()}`, reason: ended?.stoppedReason ?? '' };
}

async function events(logStreamName: string, more: Partial<GetLogEventsCommandInput> = {}) {
  const answer = await test1.logs.send(new GetLogEventsCommand({ logGroupName: group, logStreamName, ...more }));
  return { ...answer, messages: (answer.events ?? []).map(({ message }) => message) };
}

test('what a task prints on either output is in its stream, all of it when the task has ended, and after a restart', async () => {
  const { stream } = await run('echo one; echo two >&2; echo; printf "€ three"');
  const { messages, events: got = [] } = await events(stream);
  expect([...messages].sort()).toEqual(['one', 'two', '€ three']);
  expect(Math.abs((got[0]?.timestamp ?? 0) - Date.now())).toBeLessThan(600_000);

  await test1.cloud.close();
  test1 = await startCloud();
  expect((await events(stream)).messages).toEqual(messages);
});

test('pages go backward from the end to the first event, whose token comes again; and forward', async () => {
  const { stream } = await run('for i in 1 2 3 4 5; do echo $i; done');
  const last = await events(stream, { limit: 2 });
  expect(last.messages).toEqual(['4', '5']);
  const before = await events(stream, { limit: 2, nextToken: last.nextBackwardToken });
  expect(before.messages).toEqual(['2', '3']);
  const first = await events(stream, { limit: 2, nextToken: before.nextBackwardToken });
  expect(first.messages).toEqual(['1']);
  const none = await events(stream, { limit: 2, nextToken: first.nextBackwardToken });
  expect([none.messages, none.nextBackwardToken]).toEqual([[], first.nextBackwardToken]);
  const forward = await events(stream, { nextToken: first.nextForwardToken });
  expect(forward.messages).toEqual(['2', '3', '4', '5']);
  expect((await events(stream, { nextToken: forward.nextForwardToken })).messages).toEqual([]);
  expect((await events(stream, { startFromHead: true, limit: 1 })).messages).toEqual(['1']);
  expect((await events(stream, { endTime: 1 })).messages).toEqual([]);
});

test('a page has no more than 1 MB, whatever its limit', async () => {
  const { stream } = await run(`node -e 'for (let i = 0; i < 3000; i += 1) console.log(i + "x".repeat(1000))'`);
  const all: (string | undefined)[] = [];
  let token: string | undefined;
  let pages = 0;
  for (;;) {
    const page = await events(stream, token ? { nextToken: token } : {});
    if (page.nextBackwardToken === token) break;
    expect(page.messages.join('').length).toBeLessThanOrEqual(1024 * 1024);
    all.unshift(...page.messages);
    token = page.nextBackwardToken;
    pages += 1;
  }
  expect(pages).toBeGreaterThan(2);
  expect(all.map((message) => Number.parseInt(message ?? '', 10))).toEqual(Array.from({ length: 3000 }, (_, i) => i));
});

test('streams are found by their prefix, and are gone once they are deleted', async () => {
  const { stream, family } = await run('echo one');
  const list = async () => {
    const request = new DescribeLogStreamsCommand({ logGroupName: group, logStreamNamePrefix: `${family}/` });
    return (await test1.logs.send(request)).logStreams?.map(({ logStreamName }) => logStreamName);
  };
  expect(await list()).toEqual([stream]);
  await test1.logs.send(new DeleteLogStreamCommand({ logGroupName: group, logStreamName: stream }));
  expect(await list()).toEqual([]);
  const gone = { name: 'ResourceNotFoundException', message: 'The specified log stream does not exist.' };
  await expect(events(stream)).rejects.toMatchObject(gone);
  await expect(
    test1.logs.send(new DeleteLogStreamCommand({ logGroupName: group, logStreamName: stream })),
  ).rejects.toMatchObject(gone);
});

test('streams are listed in pages', async () => {
  const made = [];
  for (let i = 0; i < 3; i += 1) made.push((await run('echo one', { 'awslogs-stream-prefix': 'paged' })).stream);
  const names: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const request = { logGroupName: group, logStreamNamePrefix: 'paged/', limit: 2, nextToken };
    const page = await test1.logs.send(new DescribeLogStreamsCommand(request));
    expect(page.logStreams?.length).toBeLessThanOrEqual(2);
    names.push(...(page.logStreams ?? []).map(({ logStreamName }) => logStreamName));
    nextToken = page.nextToken;
  } while (nextToken);
  expect(names).toEqual(made.sort());
});

test('a task that logs to a group which does not exist fails to start, and says so; one that was made exists', async () => {
  const { reason } = await run('echo one', { 'awslogs-group': '/other' });
  expect(reason).toMatch(/ResourceInitializationError.*ResourceNotFoundException: The specified log group does not/);
  await test1.logs.send(new CreateLogGroupCommand({ logGroupName: '/other' }));
  await expect(test1.logs.send(new CreateLogGroupCommand({ logGroupName: '/other' }))).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
  });
  expect((await run('echo one', { 'awslogs-group': '/other' })).reason).not.toMatch(/ResourceInit/);
});

const whole = { 'awslogs-group': group, 'awslogs-region': 'r', 'awslogs-stream-prefix': 'p' };
const role = 'arn:aws:iam::000000000000:role/execution';

test.each<[string, LogConfiguration, string | undefined, RegExp]>([
  ['no prefix', { logDriver: 'awslogs', options: { ...whole, 'awslogs-stream-prefix': '' } }, role, /stream-prefix/],
  ['a driver that Fargate lacks', { logDriver: 'json-file' }, role, /Fargate only supports log drivers/],
  ['no execution role', { logDriver: 'awslogs', options: whole }, undefined, /execution role ARN to support/],
])('a log configuration with %s is refused when it is registered', async (_what, logConfiguration, arn, words) => {
  const request = new RegisterTaskDefinitionCommand({
    family: 'refused',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    executionRoleArn: arn,
    containerDefinitions: [{ name: 'main', image: 'any', logConfiguration }],
  });
  const refusal = { name: 'ClientException', message: expect.stringMatching(words) };
  await expect(test1.ecs.send(request)).rejects.toMatchObject(refusal);
});

test.each<[string, Partial<GetLogEventsCommandInput>]>([
  ['a limit of none', { limit: 0 }],
  ['a limit over 10,000', { limit: 10_001 }],
  ['a token that is none', { nextToken: 'x' }],
  ['a stream with a colon', { logStreamName: 'a:b' }],
])('%s is an InvalidParameterException', async (_what, more) => {
  const { stream } = await run('echo one');
  await expect(events(stream, more)).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('faults strike these calls, and they are counted', async () => {
  const { stream } = await run('echo one');
  test1.cloud.clearCalls();
  test1.cloud.setFaults([
    { operation: 'logs:GetLogEvents', kind: 'throttle', times: 1 },
    { operation: 'GetLogEvents', kind: 'error', times: 1 },
  ]);
  await expect(events(stream)).rejects.toMatchObject({ name: 'ThrottlingException' });
  await expect(events(stream)).rejects.toMatchObject({ name: 'ServiceUnavailableException' });
  await events(stream);
  expect(test1.cloud.calls()).toEqual({
    GetLogEvents: { ThrottlingException: 1, ServiceUnavailableException: 1, ok: 1 },
  });
});

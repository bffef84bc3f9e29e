import { DeleteLogStreamCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTaskDefinitionCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ContainerRuntime } from '@workbench/local-cloud/container-runtime';
import { pino } from 'pino';
import { eventually } from '../support/eventually.ts';
import { createScriptedRuntime } from '../support/scriptedRuntime.ts';
import { type Reads, startReads } from './startReads.ts';

const group = '/workbenches';
/** What the next container prints. */
let print = 'Serving on port 3000\nGET / 200\n';
const told: string[] = [];
let reads: Reads;

beforeAll(async () => {
  const scripted = createScriptedRuntime();
  const runtime: ContainerRuntime = {
    ...scripted,
    async start(spec) {
      await new Promise<void>((resolve) => spec.log?.stdout.write(print, () => resolve()));
      return await scripted.start(spec);
    },
  };
  const logger = pino({ level: 'warn' }, { write: (line: string) => void told.push(line) });
  reads = await startReads({
    cloud: { runtime },
    pace: { logFreshMs: 0, roundRetryMs: 50, longestRoundPauseMs: 50, longestTurnBreatherMs: 1 },
    logger,
  });
});

afterAll(async () => {
  await reads[Symbol.asyncDispose]();
});

async function until(id: string, wanted: string): Promise<void> {
  await eventually(
    () => reads.item(id),
    ({ status }) => status === wanted,
  );
}

async function createRunning(printing = print): Promise<string> {
  print = printing;
  const { workbench_id: id } = await reads.create();
  await until(id, 'running');
  return id;
}

async function destroy(id: string): Promise<void> {
  await reads.call('DELETE', `/${id}`);
  await eventually(
    async () => (await reads.call('GET', `/${id}`)).status,
    (status) => status === 404,
  );
}

const codeOf = async (response: Response): Promise<[number, string]> => {
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code];
};
const streamsOf = (id: string) => reads.testCloud.cloud.look().logStreams.filter((stream) => stream.includes(id));

test('the log is plain text, the last lines of it, of the last run, also after its end', async () => {
  const id = await createRunning('one\n£ two\nthree\n');
  const answer = await reads.call('GET', `/${id}/logs`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(await answer.text()).toBe('one\n£ two\nthree\n');
  expect(await (await reads.call('GET', `/${id}/logs?lines=2`)).text()).toBe('£ two\nthree\n');

  await reads.call('POST', `/${id}/stop`);
  await until(id, 'stopped');
  expect(await (await reads.call('GET', `/${id}/logs`)).text()).toBe('one\n£ two\nthree\n');
  print = 'another run\n';
  await reads.call('POST', `/${id}/start`);
  await until(id, 'running');
  expect(await (await reads.call('GET', `/${id}/logs`)).text()).toBe('another run\n');
});

test('of a log of several pages there are as many lines as are asked for', async () => {
  const all = Array.from({ length: 12_000 }, (_, index) => `${index} ${'x'.repeat(250)}`);
  const id = await createRunning(`${all.join('\n')}\n`);
  const lines = (await (await reads.call('GET', `/${id}/logs?lines=10000`)).text()).trimEnd().split('\n');
  expect(lines.length).toBe(10_000);
  expect([lines.at(0), lines.at(-1)]).toEqual([all.at(2_000), all.at(-1)]);
  expect((await (await reads.call('GET', `/${id}/logs`)).text()).trimEnd().split('\n')).toEqual(all.slice(-200));
});

test('a log that is gone is a 404 of its own; somebody else’s is none', async () => {
  const id = await createRunning();
  const [stream = ''] = streamsOf(id);
  const logStreamName = stream.split(' ')[1];
  await reads.testCloud.logs.send(new DeleteLogStreamCommand({ logGroupName: group, logStreamName }));
  expect(await codeOf(await reads.call('GET', `/${id}/logs`))).toEqual([404, 'no_logs']);
  const ofBob = reads.url(`/${id}/logs`).replace('user_id=ann', 'user_id=bob');
  expect(await codeOf(await fetch(ofBob))).toEqual([404, 'not_found']);
});

test.each(['0', '10001', '-1', '2.5', 'many', ''])('lines=%s is a 400', async (lines) => {
  expect(await codeOf(await reads.call('GET', `/0123456789abcdef0/logs?lines=${lines}`))).toEqual([
    400,
    'invalid_request',
  ]);
});

test('AWS refusing is a 502, and AWS being away a 503 that says when to come back', async () => {
  const id = await createRunning();
  const { cloud } = reads.testCloud;
  cloud.setFaults([{ operation: 'GetLogEvents', kind: 'error', code: 'AccessDeniedException' }]);
  expect(await codeOf(await reads.call('GET', `/${id}/logs`))).toEqual([502, 'cloud_refused']);
  cloud.setFaults([{ operation: 'GetLogEvents', kind: 'error' }]);
  const away = await reads.call('GET', `/${id}/logs`);
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await codeOf(away)).toEqual([503, 'cloud_unavailable']);
  cloud.clearFaults();
});

test('a destroy removes the streams of the workbench, of all its runs, and nobody else’s', async () => {
  const [doomed, other] = [await createRunning(), await createRunning()];
  await reads.call('POST', `/${doomed}/stop`);
  await until(doomed, 'stopped');
  await reads.call('POST', `/${doomed}/start`);
  await until(doomed, 'running');
  expect(streamsOf(doomed).length).toBe(2);
  reads.testCloud.cloud.setFaults([{ operation: 'DeleteLogStream', kind: 'error', times: 4 }]);
  await destroy(doomed);
  expect([streamsOf(doomed).length, streamsOf(other).length]).toEqual([0, 1]);
});

test.each(['DescribeLogStreams', 'DeleteLogStream'])(
  'a destroy that may not do %s warns, and goes on',
  async (operation) => {
    const id = await createRunning();
    told.length = 0;
    reads.testCloud.cloud.setFaults([{ operation, kind: 'error', code: 'AccessDeniedException' }]);
    await destroy(id);
    reads.testCloud.cloud.clearFaults();
    expect(streamsOf(id).length).toBeGreaterThan(0);
    expect(told.filter((line) => line.includes('grant logs:') && line.includes(id)).length).toBe(1);
  },
);

test('a stream of an earlier release, whose name says nothing of the workbench, is told as left', async () => {
  const id = await createRunning();
  await reads.call('POST', `/${id}/stop`);
  await until(id, 'stopped');
  const { ecs } = reads.testCloud;
  const family = `workbench-${id}`;
  const { taskDefinition, tags } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: family, include: ['TAGS'] }),
  );
  const former = JSON.parse(JSON.stringify({ ...taskDefinition, tags }).replace(`"workbench/${id}"`, '"workbench"'));
  await ecs.send(new RegisterTaskDefinitionCommand(former));
  await reads.call('POST', `/${id}/start`);
  await until(id, 'running');
  told.length = 0;
  await destroy(id);
  expect(told.filter((line) => line.includes('earlier release') && line.includes(id)).length).toBe(1);
});

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@workbench/local-cloud';
import { createIdleRuntime } from '@workbench/local-cloud/idle-runtime';
import { instantTiming } from '@workbench/local-cloud/timing';
import pino from 'pino';
import { runDoctor } from '../../src/doctor/runDoctor.ts';

const account = '000000000000';
const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
const reads = /^(Describe|List)/;

let dir: string;
let cloud: LocalCloud;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'doctor-'));
  cloud = await startCloud();
});

afterEach(async () => {
  await cloud.close();
  await rm(dir, { recursive: true, force: true });
});

async function startCloud(options: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> {
  return await startLocalCloud({
    dir: join(dir, `cloud-${Math.random()}`),
    port: 0,
    region: 'us-west-1',
    timing: instantTiming,
    runtime: createIdleRuntime(),
    logger: pino({ level: 'silent' }),
    subnets,
    ...options,
  });
}

/** All that AWS needs, as an operator would set it. */
function environment(changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string | undefined> {
  return {
    WB_CLOUD: 'aws',
    AWS_ENDPOINT_URL: cloud.url,
    AWS_REGION: 'us-west-1',
    ECS_CLUSTER: cloud.cluster,
    ECS_SUBNETS: subnets.join(),
    ECS_SECURITY_GROUPS: 'sg-0123456789abcdef0',
    EFS_FILE_SYSTEM_ID: cloud.fileSystemId,
    ECS_EXECUTION_ROLE_ARN: `arn:aws:iam::${account}:role/execution`,
    ECS_TASK_ROLE_ARN: `arn:aws:iam::${account}:role/task`,
    RESTAPI_AUTH_STATIC_KEY: 'a-key-that-no-line-may-show',
    WB_BASE_URL: 'https://{wid}.wb.example.com',
    WB_IMAGE: `${account}.dkr.ecr.us-west-1.amazonaws.com/h1st/workbench:latest`,
    ...changes,
  };
}

async function doctor(variables: Readonly<Record<string, string | undefined>>) {
  const lines: string[] = [];
  const before = { ...process.env };
  // The SDK looks for credentials in the process's own environment.
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  try {
    const healthy = await runDoctor(variables, (line) => void lines.push(line), process.execPath);
    return { healthy, lines, failures: lines.filter((line) => line.startsWith('failed')) };
  } finally {
    process.env = before;
  }
}

describe('a configuration in order', () => {
  test('passes, one line a check', async () => {
    const { healthy, lines, failures } = await doctor(environment());
    expect(failures).toEqual([]);
    expect(healthy).toBe(true);
    const checks = lines.filter((line) => line.startsWith('ok')).map((line) => line.slice(9, 26).trim());
    expect(checks).toEqual([
      'configuration',
      'base URL',
      'Region',
      'credentials',
      'cluster',
      'task ARNs',
      'file system',
      'mount targets',
      'network',
      'quotas',
      'logs',
      'image',
    ]);
    expect(lines.at(-1)).toBe('12 ok, 2 to look at, 0 failed');
  });

  test('is looked at with reading calls only, and no secret is shown', async () => {
    const { lines } = await doctor(environment());
    const calls = Object.keys(cloud.calls());
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter((call) => !reads.test(call))).toEqual([]);
    expect(lines.join()).not.toContain('a-key-that-no-line-may-show');
  });

  test('without any of it, for the local cloud, passes and leaves nothing behind', async () => {
    const folder = join(dir, 'none', 'yet');
    const { healthy, lines } = await doctor({ WB_LOCAL_DIR: folder });
    expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([
      expect.stringMatching(/, 0 to look at, 0 failed$/),
    ]);
    expect(healthy).toBe(true);
    expect((await readdir(dir)).includes('none')).toBe(false);
  });
});

describe('a configuration that will not do', () => {
  test.each<[string, Record<string, string | undefined>, RegExp]>([
    ['a wrong value', { PORT: 'many' }, /^failed +configuration +PORT: /],
    ['no subnets', { ECS_SUBNETS: '' }, /^failed +configuration +ECS_SUBNETS: /],
    [
      'a cluster that does not exist',
      { ECS_CLUSTER: 'other' },
      /^failed +cluster +there is no cluster other .*create-cluster/,
    ],
    [
      'a cluster of another Region',
      { ECS_CLUSTER: `arn:aws:ecs:eu-west-1:${account}:cluster/default` },
      /^failed +cluster +.*eu-west-1/,
    ],
    [
      'a file system that does not exist',
      { EFS_FILE_SYSTEM_ID: 'fs-00000000000000000' },
      /^failed +file system +there is no file system fs-00000000000000000 in us-west-1/,
    ],
    ['a provider that the cluster lacks', { ECS_CAPACITY_PROVIDERS: 'mine:1' }, /^failed +capacity +.*mine/],
    [
      'an image name in capitals',
      { WB_IMAGE: 'h1st/Workbench:latest' },
      /^failed +image +h1st\/Workbench:latest is no image/,
    ],
    [
      'an image in ECR and no execution role',
      { ECS_EXECUTION_ROLE_ARN: undefined },
      /^failed +image +.*ECS_EXECUTION_ROLE_ARN/,
    ],
    [
      'a log group and no execution role',
      { ECS_EXECUTION_ROLE_ARN: undefined, WB_IMAGE: 'busybox', WB_LOG_GROUP: '/workbenches' },
      /^failed +roles +WB_LOG_GROUP/,
    ],
    [
      'a log group that does not exist',
      { WB_LOG_GROUP: '/others' },
      /^failed +logs +there is no log group \/others in us-west-1.*create-log-group/,
    ],
    [
      'a role of another account',
      { ECS_TASK_ROLE_ARN: 'arn:aws:iam::999999999999:role/task' },
      /^failed +roles +.*999999999999/,
    ],
    ['no id', { ECS_SECURITY_GROUPS: 'default' }, /^failed +network +not an id: default/],
  ])('%s: says so with the remedy', async (_name, changes, line) => {
    const { healthy, failures } = await doctor(environment(changes));
    expect(failures.length).toBeGreaterThan(0);
    expect(failures[0]).toMatch(line);
    expect(failures[0]).toMatch(/\. [A-Z]/);
    expect(healthy).toBe(false);
  });

  test.each(['DescribeLogStreams', 'GetLogEvents', 'DeleteLogStream'])('no right to %s: says so', async (operation) => {
    cloud.setFaults([{ operation, kind: 'error', code: 'AccessDeniedException' }]);
    const { failures } = await doctor(environment({ WB_LOG_GROUP: '/workbenches' }));
    expect(failures).toEqual([expect.stringMatching(`^failed +logs +logs:${operation} is not allowed.*iam-policy`)]);
    cloud.setFaults([]);
    const { lines } = await doctor(environment({ WB_LOG_GROUP: '/workbenches' }));
    expect(lines).toContainEqual(expect.stringMatching(/^ok +logs +\/workbenches is there/));
  });

  test.each<[string, Record<string, string | undefined>, RegExp]>([
    ['no authentication', { RESTAPI_AUTH_STATIC_KEY: undefined }, /^warning +authentication/],
    ['no base URL', { WB_BASE_URL: undefined }, /^warning +base URL/],
    ['no task role', { ECS_TASK_ROLE_ARN: undefined }, /^warning +roles +without a task role/],
    [
      'a subnet without mount target',
      { ECS_SUBNETS: `${subnets[0]},subnet-00000000` },
      /^warning +mount targets +subnet-00000000 /,
    ],
    [
      'an image of another Region',
      { WB_IMAGE: `${account}.dkr.ecr.eu-west-1.amazonaws.com/wb:1` },
      /^warning +image +.*another Region/,
    ],
    [
      'an image of another account',
      { WB_IMAGE: '999999999999.dkr.ecr.us-west-1.amazonaws.com/wb:1' },
      /^warning +image +.*another account/,
    ],
  ])('or perhaps will, with %s: warns and passes', async (_name, changes, line) => {
    const { healthy, lines } = await doctor(environment(changes));
    expect(lines).toContainEqual(expect.stringMatching(line));
    expect(healthy).toBe(true);
  });

  test('without a folder to write to and without a Docker API, on the local cloud: names both', async () => {
    process.env['DOCKER_HOST'] = `unix://${dir}/no.sock`;
    const { failures } = await doctor({ WB_LOCAL_DIR: '/dev/null/x', WB_LOCAL_RUNTIME: 'docker' });
    delete process.env['DOCKER_HOST'];
    expect(failures).toEqual([
      expect.stringMatching(/^failed +local folder +.*\/dev\/null/),
      expect.stringMatching(/^failed +containers +.*no Docker API answers.*Start Docker/),
    ]);
  });
});

describe('a cloud that refuses', () => {
  test.each([
    ['DescribeClusters', 'cluster', 'ecs:DescribeClusters'],
    ['ListAccountSettings', 'task ARNs', 'ecs:ListAccountSettings'],
    ['DescribeFileSystems', 'file system', 'elasticfilesystem:DescribeFileSystems'],
    ['DescribeMountTargets', 'mount targets', 'elasticfilesystem:DescribeMountTargets'],
    ['DescribeAccessPoints', 'quotas', 'elasticfilesystem:DescribeAccessPoints'],
  ])('%s for want of rights: names the action, and the other checks go on', async (operation, check, action) => {
    cloud.setFaults([{ operation, kind: 'error', code: 'AccessDeniedException' }]);
    const { healthy, lines, failures } = await doctor(environment());
    expect(failures).toEqual([
      expect.stringMatching(
        new RegExp(`^failed +${check} +${action} is not allowed\\. Allow it as docs/iam-policy\\.json`),
      ),
    ]);
    expect(lines.filter((line) => line.startsWith('ok')).length).toBeGreaterThan(5);
    expect(healthy).toBe(false);
  });

  test('the credentials: says that once and nothing else', async () => {
    cloud.setFaults([{ operation: '*', kind: 'error', code: 'UnrecognizedClientException' }]);
    const { failures } = await doctor(environment());
    expect(failures).toEqual([expect.stringMatching(/^failed +credentials +.*UnrecognizedClientException/)]);
  });

  test('to answer at all: says where to look', async () => {
    const { failures } = await doctor(environment({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }));
    expect(failures).toContainEqual(expect.stringMatching(/^failed +cluster +AWS does not answer .*AWS_ENDPOINT_URL/));
  });

  test('mount targets to a file system that has none: fails', async () => {
    const bare = await startCloud({ subnets: [] });
    const { failures } = await doctor(environment({ AWS_ENDPOINT_URL: bare.url }));
    await bare.close();
    expect(failures).toEqual([expect.stringMatching(/^failed +mount targets +the file system has none\. Create one/)]);
  });
});

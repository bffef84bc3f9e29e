import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.ts';

const aws = {
  ECS_CLUSTER: 'workbenches',
  ECS_SUBNETS: 'subnet-1, subnet-2',
  EFS_FILE_SYSTEM_ID: 'fs-0123456789abcdef0',
};

function complaintAbout(environment: Record<string, string | undefined>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('The configuration was accepted');
}

/** The variables that a complaint names, one a line. */
function named(complaint: string): string[] {
  return complaint.split('\n').flatMap((line) => /^ {2}([A-Z_, ]+):/.exec(line)?.[1] ?? []);
}

describe('the API beside the workbenches', () => {
  test.each([
    ['/project', undefined],
    ['/project/api', undefined],
    ['', 'http://localhost:8999/workbenches'],
    ['/api', 'http://localhost:8999/api/console'],
    ['/0a1b2c3d', 'http://localhost:8999'],
  ])('at %j is refused where the gateway at %s would hide it', (prefix, base) => {
    const read = () => readConfig({ RESTAPI_URL_PREFIX: prefix, WB_BASE_URL: base });
    expect(read).toThrow('would hide the API');
    expect(() => readConfig({ RESTAPI_URL_PREFIX: prefix, WB_BASE_URL: base, WB_GATEWAY: 'off' })).not.toThrow();
  });

  test.each([
    ['/api', undefined],
    ['/projects', undefined],
    ['', 'http://localhost:8999'],
    ['/api', 'http://localhost:8999/api/project'],
  ])('at %j is fine with the gateway at %s', (prefix, base) => {
    expect(() => readConfig({ RESTAPI_URL_PREFIX: prefix, WB_BASE_URL: base })).not.toThrow();
  });
});

describe('the configuration of an empty environment', () => {
  test('is the documented default: the embedded local cloud, on loopback, without authentication', () => {
    expect(readConfig({})).toEqual({
      port: 8999,
      host: '127.0.0.1',
      urlPrefix: '',
      corsOrigins: [],
      logLevel: 'info',
      maxConnections: 20_000,
      publicUrl: undefined,
      authenticated: false,
      authentication: { staticKey: undefined, jwtKey: undefined, userClaim: undefined },
      oidc: undefined,
      client: undefined,
      warnings: [],
      cloud: 'local',
      embedded: true,
      region: undefined,
      endpoints: { ecs: undefined, efs: undefined, logs: undefined },
      cluster: undefined,
      subnets: undefined,
      securityGroups: [],
      assignPublicIp: false,
      executionRoleArn: undefined,
      taskRoleArn: undefined,
      logGroup: undefined,
      fileSystemId: undefined,
      stack: 'workbench',
      containerPort: 3000,
      workspacePath: '/home/project',
      posixUser: { uid: 1000, gid: 1000 },
      base: undefined,
      sessionKeys: undefined,
      trustedProxies: undefined,
      frameAncestors: [],
      loginUrl: undefined,
      limits: {
        workbenches: undefined,
        running: undefined,
        allRunning: undefined,
        cpu: undefined,
        memory: undefined,
      },
      offer: {
        profiles: [
          {
            name: 'default',
            image: '394497726199.dkr.ecr.us-west-1.amazonaws.com/h1st/workbench:latest',
            size: { cpu: 1024, memory: 2048 },
            capacityProviders: [],
            bootCommand: 'exec /app.sh',
          },
        ],
        byDefault: 'default',
        implicit: true,
      },
      gateway: true,
      localDirectory: './.workbenches',
      localPort: 0,
      localRuntime: 'process',
      statusCallsPerSecond: 10,
    });
  });

  test('is frozen', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });
});

describe('a variable that is set', () => {
  const role = 'arn:aws:iam::123456789012:role/workbench';
  test.each<[Record<string, string>, Record<string, unknown>]>([
    [
      { PORT: '0', HOST: '0.0.0.0' },
      { port: 0, host: '0.0.0.0' },
    ],
    [{ RESTAPI_URL_PREFIX: '/' }, { urlPrefix: '' }],
    [{ RESTAPI_URL_PREFIX: '/api/v1/' }, { urlPrefix: '/api/v1' }],
    [
      { RESTAPI_AUTH_STATIC_KEY: 's' },
      { host: undefined, authentication: { staticKey: 's', jwtKey: undefined, userClaim: undefined } },
    ],
    [
      { RESTAPI_AUTH_JWT_KEY: 'a key', RESTAPI_AUTH_JWT_USER_CLAIM: 'sub' },
      { host: undefined, authentication: { staticKey: undefined, jwtKey: 'a key', userClaim: 'sub' } },
    ],
    [{ RESTAPI_AUTH_STATIC_KEY: 's', HOST: '127.0.0.1' }, { host: '127.0.0.1' }],
    [
      { RESTAPI_CORS_ORIGINS: 'https://a.example, http://localhost:3000,' },
      {
        corsOrigins: ['https://a.example', 'http://localhost:3000'],
      },
    ],
    [{ RESTAPI_CORS_ORIGINS: '*', RESTAPI_AUTH_STATIC_KEY: 's' }, { corsOrigins: ['*'] }],
    [{ RESTAPI_PUBLIC_URL: 'https://api.example/v1/' }, { publicUrl: 'https://api.example/v1' }],
    [
      { RESTAPI_AUTH_OIDC_ISSUER: 'https://id.example', RESTAPI_AUTH_OIDC_AUDIENCE: 'workbenches' },
      {
        authenticated: true,
        host: undefined,
        oidc: { issuer: 'https://id.example', audience: 'workbenches', userClaim: 'sub', operatorRole: undefined },
      },
    ],
    [
      {
        RESTAPI_AUTH_OIDC_ISSUER: 'https://id.example',
        RESTAPI_AUTH_OIDC_AUDIENCE: 'workbenches',
        RESTAPI_AUTH_OIDC_CLIENT_ID: 'web',
        RESTAPI_AUTH_OIDC_CLIENT_SECRET: 's',
        RESTAPI_AUTH_OIDC_USER_CLAIM: 'email',
      },
      {
        client: { clientId: 'web', clientSecret: 's' },
        warnings: [expect.stringMatching(/^RESTAPI_AUTH_OIDC_USER_CLAIM is email, so back-channel/)],
      },
    ],
    [
      { RESTAPI_AUTH_STATIC_KEY: ' ' },
      { warnings: [expect.stringMatching(/^RESTAPI_AUTH_STATIC_KEY is set to nothing/)] },
    ],
    [{ RESTAPI_AUTH_STATIC_KEY: '', RESTAPI_AUTH_JWT_KEY: 'k', HOST: '0.0.0.0' }, { authenticated: true }],
    [{ LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
    [
      aws,
      {
        cloud: 'aws',
        embedded: false,
        gateway: false,
        base: expect.objectContaining({ hostname: 'cloud.h1st.ai', path: '/project' }),
      },
    ],
    [aws, { cluster: 'workbenches', subnets: ['subnet-1', 'subnet-2'], fileSystemId: 'fs-0123456789abcdef0' }],
    [
      { ...aws, WB_CLOUD: 'local' },
      { cloud: 'local', embedded: true, base: undefined },
    ],
    [{ ...aws, WB_GATEWAY: 'builtin' }, { gateway: true }],
    [{ WB_GATEWAY: 'off' }, { gateway: false }],
    [
      { AWS_ENDPOINT_URL: 'http://localhost:4566/' },
      {
        embedded: false,
        endpoints: { ecs: 'http://localhost:4566', efs: 'http://localhost:4566', logs: 'http://localhost:4566' },
      },
    ],
    [
      { AWS_ENDPOINT_URL: 'http://a', AWS_ENDPOINT_URL_EFS: 'http://b', AWS_ENDPOINT_URL_ECS: 'http://c' },
      {
        endpoints: { ecs: 'http://c', efs: 'http://b', logs: 'http://a' },
      },
    ],
    [{ AWS_REGION: 'us-gov-west-1' }, { region: 'us-gov-west-1' }],
    [{ AWS_REGION: 'eusc-de-east-1' }, { region: 'eusc-de-east-1' }],
    [
      { ECS_SECURITY_GROUPS: 'sg-1,sg-2', ECS_ASSIGN_PUBLIC_IP: 'ENABLED' },
      {
        securityGroups: ['sg-1', 'sg-2'],
        assignPublicIp: true,
      },
    ],
    [{ ECS_ASSIGN_PUBLIC_IP: 'no' }, { assignPublicIp: false }],
    [
      { ECS_CAPACITY_PROVIDERS: 'FARGATE_SPOT:4, FARGATE' },
      {
        offer: {
          profiles: [
            {
              capacityProviders: [
                { capacityProvider: 'FARGATE_SPOT', weight: 4 },
                { capacityProvider: 'FARGATE', weight: 1 },
              ],
            },
          ],
        },
      },
    ],
    [
      { ECS_EXECUTION_ROLE_ARN: role, ECS_TASK_ROLE_ARN: role },
      { executionRoleArn: role, taskRoleArn: role },
    ],
    [{ WB_LOG_GROUP: '/ecs/workbench' }, { logGroup: '/ecs/workbench' }],
    [
      { WB_STACK: 'team-a_1', WB_IMAGE: 'ubuntu:24.04', WB_BOOT_COMMAND: 'exec code-server' },
      {
        stack: 'team-a_1',
        offer: { profiles: [{ image: 'ubuntu:24.04', bootCommand: 'exec code-server' }] },
      },
    ],
    [
      { WB_CONTAINER_PORT: '8080', WB_WORKSPACE_PATH: '/workspace' },
      {
        containerPort: 8080,
        workspacePath: '/workspace',
      },
    ],
    [{ WB_POSIX_UID: '0', WB_POSIX_GID: '4294967295' }, { posixUser: { uid: 0, gid: 4_294_967_295 } }],
    [
      { WB_BASE_URL: 'https://x.example/p/' },
      { base: { scheme: 'https', port: '', mode: 'path', hostname: 'x.example', path: '/p' } },
    ],
    [{ WB_DEFAULT_CPU: '256', WB_DEFAULT_RAM: '512' }, { offer: { profiles: [{ size: { cpu: 256, memory: 512 } }] } }],
    [
      { WB_LOCAL_DIR: '/data', WB_LOCAL_PORT: '4566' },
      { localDirectory: '/data', localPort: 4566 },
    ],
  ])('%j is read', (environment, expected) => {
    expect(readConfig(environment)).toMatchObject(expected);
  });

  test.each<[string, string]>([
    ['PORT', '65536'],
    ['PORT', 'http'],
    ['PORT', '80.5'],
    ['RESTAPI_URL_PREFIX', 'api'],
    ['RESTAPI_URL_PREFIX', '/api/:version'],
    ['RESTAPI_URL_PREFIX', '/api?x'],
    ['RESTAPI_AUTH_STATIC_KEY', 'two words'],
    ['RESTAPI_AUTH_JWT_USER_CLAIM', 'sub'],
    ['RESTAPI_CORS_ORIGINS', 'https://a.example/path'],
    ['RESTAPI_CORS_ORIGINS', 'a.example'],
    ['RESTAPI_CORS_ORIGINS', '*'],
    ['RESTAPI_PUBLIC_URL', 'api.example'],
    ['RESTAPI_AUTH_OIDC_ISSUER', 'http://id.example'],
    ['RESTAPI_AUTH_OIDC_AUDIENCE', 'without an issuer'],
    ['LOG_LEVEL', 'verbose'],
    ['WB_CLOUD', 'gcp'],
    ['WB_GATEWAY', 'on'],
    ['AWS_ENDPOINT_URL', 'localhost:4566'],
    ['AWS_ENDPOINT_URL_ECS', 'ftp://localhost'],
    ['AWS_ENDPOINT_URL_EFS', 'x'],
    ['AWS_REGION', 'west'],
    ['ECS_SUBNETS', ' , '],
    ['ECS_SUBNETS', Array.from({ length: 17 }, (_, index) => `subnet-${index}`).join()],
    ['ECS_SECURITY_GROUPS', 'a,b,c,d,e,f'],
    ['ECS_ASSIGN_PUBLIC_IP', 'maybe'],
    ['ECS_CAPACITY_PROVIDERS', 'FARGATE:x'],
    ['ECS_CAPACITY_PROVIDERS', 'FARGATE:1001'],
    ['ECS_CAPACITY_PROVIDERS', 'FARGATE:0'],
    ['ECS_EXECUTION_ROLE_ARN', 'role'],
    ['ECS_TASK_ROLE_ARN', 'arn:aws:iam::1:role/x'],
    ['WB_LOG_GROUP', 'a b'],
    ['EFS_FILE_SYSTEM_ID', 'fsap-0123456789abcdef0'],
    ['WB_STACK', 'a/b'],
    ['WB_STACK', 'x'.repeat(65)],
    ['WB_IMAGE', 'a b'],
    ['WB_CONTAINER_PORT', '0'],
    ['WB_WORKSPACE_PATH', 'project'],
    ['WB_LOCAL_RUNTIME', 'podman'],
    ['WB_WORKSPACE_PATH', '/a"; rm -rf /'],
    ['WB_POSIX_UID', '-1'],
    ['WB_POSIX_GID', '4294967296'],
    ['WB_BASE_URL', 'cloud.example'],
    ['WB_BASE_URL', 'http://x.example/a?b'],
    ['WB_BASE_URL', 'http://x.example/a#b'],
    ['WB_LOCAL_PORT', '99999'],
  ])('%s=%s, which makes no sense, is refused by name', (variable, value) => {
    expect(named(complaintAbout({ WB_CLOUD: 'local', [variable]: value }))).toContain(variable);
  });

  test.each([
    ['1024', '1024'],
    ['3', '2048'],
    ['16384', '8192'],
  ])('a default size of %s with %s, which Fargate has not, is refused with the nearest right ones', (cpu, memory) => {
    const complaint = complaintAbout({ WB_DEFAULT_CPU: cpu, WB_DEFAULT_RAM: memory });
    expect(complaint).toMatch(/WB_DEFAULT_CPU, WB_DEFAULT_RAM: .*nearest sizes are \d+ with \d+, \d+ with \d+/);
  });
});

describe('several wrong variables', () => {
  test('are named in one message, those that need each other too', () => {
    const complaint = complaintAbout({
      PORT: 'x',
      LOG_LEVEL: 'loud',
      WB_STACK: 'ü',
      RESTAPI_AUTH_JWT_USER_CLAIM: 'sub',
      WB_DEFAULT_CPU: '1000',
      WB_CLOUD: 'aws',
      RESTAPI_AUTH_OIDC_ISSUER: 'https://id.example',
      RESTAPI_AUTH_OIDC_CLIENT_ID: 'web',
    });
    expect(named(complaint).sort()).toEqual([
      'ECS_CLUSTER',
      'ECS_SUBNETS',
      'EFS_FILE_SYSTEM_ID',
      'LOG_LEVEL',
      'PORT',
      'RESTAPI_AUTH_JWT_USER_CLAIM',
      'RESTAPI_AUTH_OIDC_AUDIENCE',
      'RESTAPI_PUBLIC_URL',
      'WB_DEFAULT_CPU, WB_DEFAULT_RAM',
      'WB_SESSION_KEYS',
      'WB_STACK',
    ]);
  });

  test('are named without their values, which may be secrets', () => {
    const secret = 'hunter2 hunter2';
    const wrong = Object.fromEntries(
      [
        'RESTAPI_AUTH_STATIC_KEY',
        'PORT',
        'LOG_LEVEL',
        'WB_CLOUD',
        'WB_GATEWAY',
        'AWS_ENDPOINT_URL',
        'ECS_CAPACITY_PROVIDERS',
        'RESTAPI_CORS_ORIGINS',
        'WB_BASE_URL',
      ].map((variable) => [variable, secret]),
    );
    const complaint = complaintAbout(wrong);
    expect(named(complaint)).toEqual(expect.arrayContaining(Object.keys(wrong)));
    expect(complaint).not.toContain('hunter2');
  });
});

describe('a variable set to nothing', () => {
  test('counts as unset, whichever it is', () => {
    const empty = Object.fromEntries(
      [
        'PORT',
        'HOST',
        'RESTAPI_AUTH_STATIC_KEY',
        'RESTAPI_AUTH_JWT_KEY',
        'LOG_LEVEL',
        'WB_CLOUD',
        'ECS_CLUSTER',
        'WB_STACK',
      ]
        .concat(['AWS_ENDPOINT_URL', 'ECS_SUBNETS', 'WB_BASE_URL', 'WB_DEFAULT_CPU', 'AWS_REGION', 'WB_LOG_GROUP'])
        .map((variable, index) => [variable, index % 2 ? '' : '  ']),
    );
    expect(readConfig(empty)).toEqual({ ...readConfig({}), warnings: [expect.any(String)] });
  });

  test('is a fault where a key was meant to close a door that others reach', () => {
    expect(named(complaintAbout({ RESTAPI_AUTH_STATIC_KEY: '', HOST: '0.0.0.0' }))).toEqual([
      'RESTAPI_AUTH_STATIC_KEY',
    ]);
  });

  test('does not satisfy the aws cloud', () => {
    expect(named(complaintAbout({ ...aws, ECS_SUBNETS: '' }))).toEqual(['ECS_SUBNETS']);
  });
});

/** The entry point as it is shipped: compiled, in a process of its own. */
describe('the program, started in a folder with a .env file', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));

  async function complaintOf(dotenv: string, environment: Record<string, string>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'config-'));
    try {
      const compile = ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist'), '--noCheck'];
      await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...compile], {
        cwd: root,
      });
      await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      await mkdir(join(folder, 'cwd'));
      await writeFile(join(folder, 'cwd', '.env'), dotenv);
      const run = promisify(execFile)(process.execPath, [join(folder, 'dist/main.js')], {
        cwd: join(folder, 'cwd'),
        env: { PATH: process.env['PATH'], ...environment },
      });
      const failure = await run.then(
        () => undefined,
        (error: { code: number; stderr: string; stdout: string }) => error,
      );
      expect(failure).toMatchObject({ code: 1, stdout: '' });
      return failure?.stderr ?? '';
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  test('takes what the environment lacks from the file, lets the environment win, and ends at once with every fault', async () => {
    const complaint = await complaintOf('PORT=wrong\nLOG_LEVEL=loud\nWB_STACK="a b"\n', { PORT: '0' });
    expect(named(complaint)).toEqual(['LOG_LEVEL', 'WB_STACK']);
    expect(complaint).not.toMatch(/^ +at /m);
  });
});

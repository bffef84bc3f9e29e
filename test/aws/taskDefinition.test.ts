import { describe, expect, test } from '@jest/globals';
import { awsModelsPresent, checkShape } from '../../local-cloud/test/support/awsModel.ts';
import { FINGERPRINT_TAG, type TaskDefinitionConfig, taskDefinition } from '../../src/aws/taskDefinition.ts';
import type { Profile } from '../../src/workbench/model/Profile.ts';
import { aProfile, aWorkbench } from '../support/records.ts';

const config: TaskDefinitionConfig = {
  stack: 'team-a',
  fileSystemId: 'fs-0123456789abcdef0',
  containerPort: 3000,
  workspacePath: '/home/project',
  basePath: '/project',
  region: 'us-west-1',
  logGroup: undefined,
  executionRoleArn: undefined,
  taskRoleArn: undefined,
};
const workbench = aWorkbench({ name: 'Größe "1"; rm -rf /', userId: '$(id)' });
const fitting = (changes: Partial<Profile> = {}) => ({ profile: aProfile(changes), size: workbench.size });
const made = (changes: Partial<TaskDefinitionConfig> = {}, ofProfile: Partial<Profile> = {}) =>
  taskDefinition(workbench, fitting(ofProfile), { ...config, ...changes });
const own = [{ capacityProvider: 'gpus', weight: 1 }];
const fingerprintOf = (input: ReturnType<typeof taskDefinition>) =>
  input.tags?.find(({ key }) => key === FINGERPRINT_TAG)?.value;

describe('the task definition of a workbench', () => {
  test('is exactly this', () => {
    const input = made();
    const container = input.containerDefinitions?.[0];
    expect(input).toEqual({
      family: 'team-a-0123456789abcdef0',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '1024',
      memory: '2048',
      volumes: [
        {
          name: 'workspace',
          efsVolumeConfiguration: {
            fileSystemId: 'fs-0123456789abcdef0',
            transitEncryption: 'ENABLED',
            authorizationConfig: { accessPointId: 'fsap-0123456789abcdef0', iam: 'ENABLED' },
          },
        },
      ],
      containerDefinitions: [
        {
          name: 'workbench',
          image: 'registry.example/workbench:latest',
          essential: true,
          entryPoint: ['sh', '-c'],
          command: [expect.stringMatching(/; exec \/app\.sh$/)],
          environment: [
            { name: 'WORKBENCH_ID', value: '0123456789abcdef0' },
            { name: 'WORKBENCH_NAME', value: 'Größe "1"; rm -rf /' },
            { name: 'WORKBENCH_USER_ID', value: '$(id)' },
            { name: 'WORKBENCH_STORAGE', value: '/efs' },
            { name: 'WORKBENCH_BASE_PATH', value: '/project/0123456789abcdef0' },
            { name: 'WORKSPACE_PATH', value: '/home/project' },
            { name: 'PORT', value: '3000' },
          ],
          mountPoints: [{ sourceVolume: 'workspace', containerPath: '/efs', readOnly: false }],
          portMappings: [{ containerPort: 3000, protocol: 'tcp' }],
        },
      ],
      tags: [
        { key: 'workbench:stack', value: 'team-a' },
        { key: 'workbench:id', value: '0123456789abcdef0' },
        { key: 'workbench:user', value: '=24=28id=29' },
        { key: 'workbench:fingerprint', value: expect.stringMatching(/^[0-9a-f]{32}$/) },
      ],
    });
    expect(container?.command?.join()).not.toMatch(/Größe|\$\(id\)/);
  });

  test('writes logs with the awslogs driver where there is a group', () => {
    expect(made({ logGroup: '/ecs/w' }).containerDefinitions?.[0]?.logConfiguration).toEqual({
      logDriver: 'awslogs',
      options: {
        'awslogs-group': '/ecs/w',
        'awslogs-region': 'us-west-1',
        'awslogs-stream-prefix': `team-a/${workbench.id}`,
      },
    });
    expect(made().containerDefinitions?.[0]).not.toHaveProperty('logConfiguration');
  });

  test('has roles where they are configured', () => {
    const executionRoleArn = 'arn:aws:iam::123456789012:role/e';
    const taskRoleArn = 'arn:aws:iam::123456789012:role/t';
    expect(made({ executionRoleArn, taskRoleArn })).toMatchObject({ executionRoleArn, taskRoleArn });
    expect(made()).not.toHaveProperty('executionRoleArn');
    expect(made()).not.toHaveProperty('taskRoleArn');
  });

  test('is for EC2 where the capacity provider is one of instances', () => {
    expect(made({}, { capacityProviders: own })).toMatchObject({
      requiresCompatibilities: ['EC2'],
      networkMode: 'awsvpc',
    });
  });

  test('names the file system by its id where it is configured by ARN', () => {
    const fileSystemId = 'arn:aws:elasticfilesystem:us-west-1:123456789012:file-system/fs-0123456789abcdef0';
    expect(made({ fileSystemId }).volumes?.[0]?.efsVolumeConfiguration?.fileSystemId).toBe('fs-0123456789abcdef0');
  });

  test('has what its profile asks for, and nothing of it where the profile doesn’t', () => {
    const changes = { gpu: 2, architecture: 'ARM64', ephemeralGib: 50, capacityProviders: own } as const;
    const input = made({}, changes);
    expect(input).toMatchObject({
      ephemeralStorage: { sizeInGiB: 50 },
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
      containerDefinitions: [{ resourceRequirements: [{ type: 'GPU', value: '2' }] }],
    });
    expect(made()).not.toHaveProperty('ephemeralStorage');
    expect(made()).not.toHaveProperty('runtimePlatform');
    expect(made().containerDefinitions?.[0]).not.toHaveProperty('resourceRequirements');
    if (awsModelsPresent()) expect(checkShape('ecs', 'RegisterTaskDefinitionRequest', input)).toEqual([]);
  });

  (awsModelsPresent() ? test : test.skip)('is what ECS’s model takes, in every variation', () => {
    const role = 'arn:aws:iam::123456789012:role/e';
    for (const changes of [{}, { logGroup: 'g' }, { executionRoleArn: role, taskRoleArn: role }]) {
      expect(checkShape('ecs', 'RegisterTaskDefinitionRequest', made(changes))).toEqual([]);
    }
  });
});

describe('the fingerprint of a task definition', () => {
  test('is the same for the same content', () => {
    expect(fingerprintOf(made())).toBe(fingerprintOf(made()));
  });

  test('does not change with how the workbench is doing', () => {
    const later = aWorkbench({ ...workbench, run: 9, outcome: undefined, destroy: { step: 'requested' } });
    expect(fingerprintOf(taskDefinition(later, fitting(), config))).toBe(fingerprintOf(made()));
  });

  test.each<[Partial<Profile>]>([
    [{ image: 'other' }],
    [{ bootCommand: 'exec other' }],
    [{ gpu: 1 }],
    [{ architecture: 'ARM64' }],
    [{ ephemeralGib: 50 }],
    [{ capacityProviders: own }],
  ])('changes with %j of its profile', (changes) => {
    expect(fingerprintOf(made({}, changes))).not.toBe(fingerprintOf(made()));
  });

  test.each<[Partial<TaskDefinitionConfig>]>([
    [{ containerPort: 8080 }],
    [{ workspacePath: '/w' }],
    [{ basePath: '/p' }],
    [{ logGroup: 'g' }],
    [{ executionRoleArn: 'r' }],
    [{ taskRoleArn: 'r' }],
  ])('changes with %j', (changes) => {
    expect(fingerprintOf(made(changes))).not.toBe(fingerprintOf(made()));
  });
});

import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { type Fitting, isFargate } from '../workbench/model/Profile.ts';
import { isWorkbenchId, type Workbench } from '../workbench/model/Workbench.ts';
import { fingerprint, tagKeys } from './recordTags.ts';
import { type Tags, toOneTag } from './tagText.ts';

export const CONTAINER_NAME = 'workbench';
export const FINGERPRINT_TAG = 'workbench:fingerprint';
/** Where the access point is mounted. */
const MOUNT_PATH = '/efs';
const VOLUME_NAME = 'workspace';

export type TaskDefinitionConfig = Readonly<{
  stack: string;
  fileSystemId: string;
  containerPort: number;
  workspacePath: string;
  /** The path below which the workbench is served; the id follows. Undefined: each has a host of its own. */
  basePath: string | undefined;
  region: string;
  logGroup: string | undefined;
  executionRoleArn: string | undefined;
  taskRoleArn: string | undefined;
}>;

/**
 * Makes the workspace a symlink to the mount, unless it is the same folder already; one that the image brings along
 * makes way.
 */
const link = [
  'mkdir -p "$(dirname "$WORKSPACE_PATH")"',
  '{ [ -L "$WORKSPACE_PATH" ] || [ ! -e "$WORKSPACE_PATH" ] || mv "$WORKSPACE_PATH" "$WORKSPACE_PATH.image"; }',
  'ln -sfn "$WORKBENCH_STORAGE" "$WORKSPACE_PATH"',
].join(' && ');

const setUp = [
  `{ [ "$WORKSPACE_PATH" -ef "$WORKBENCH_STORAGE" ] || { ${link}; }; }`,
  'cd "$WORKSPACE_PATH" || { echo "workbench: cannot link $WORKSPACE_PATH to $WORKBENCH_STORAGE" >&2; exit 1; }',
].join(' && ');

/**
 * Ends well only when the storage is empty. Unreadable folders first: their owner may open them.
 * The smallest of finds cannot delete. Some shells take `cd ""` for "stay here", and here is not what is to be emptied.
 */
export const purgeCommand = [
  '[ -n "$WORKBENCH_STORAGE" ] && cd "$WORKBENCH_STORAGE" || exit 1; chmod -R u+rwX . 2>/dev/null;' +
    ' find . -xdev -mindepth 1 -depth -delete 2>/dev/null || find . ! -name . -prune -exec rm -rf {} +; [ -z "$(ls -A)" ]',
];

export function familyOf(stack: string, workbenchId: string): string {
  return `${stack}-${workbenchId}`;
}

/** All log streams of a workbench begin so, and nobody else's do. */
export function logStreamPrefix(stack: string, workbenchId: string): string {
  return `${stack}/${workbenchId}/`;
}

export function logStreamOf(stack: string, workbenchId: string, taskId: string): string {
  return `${logStreamPrefix(stack, workbenchId)}${CONTAINER_NAME}/${taskId}`;
}

/** As earlier releases had it. */
export function formerLogStream(stack: string, taskId: string): string {
  return `${stack}/${CONTAINER_NAME}/${taskId}`;
}

/** @returns undefined for another stack's task definition */
export function workbenchIdOf(stack: string, taskDefinitionArn: string | undefined): string | undefined {
  const family = taskDefinitionArn?.split('/').pop()?.split(':')[0];
  const id = family?.startsWith(`${stack}-`) ? family.slice(stack.length + 1) : undefined;
  return id && isWorkbenchId(id) ? id : undefined;
}

/** Tags of everything of ours that isn't an access point. */
export function ownerTags(stack: string, workbench: Workbench): Tags {
  return {
    [tagKeys.stack]: stack,
    'workbench:id': workbench.id,
    [tagKeys.user]: toOneTag(workbench.userId),
  };
}

/** What runs a workbench, with all that depends on its record, its profile or the configuration. */
export function taskDefinition(
  workbench: Workbench,
  { profile, size }: Fitting,
  config: TaskDefinitionConfig,
): RegisterTaskDefinitionCommandInput {
  const { id, userId, name } = workbench;
  const { architecture, ephemeralGib, gpu } = profile;
  const environment = {
    WORKBENCH_ID: id,
    WORKBENCH_NAME: name,
    WORKBENCH_USER_ID: userId,
    WORKBENCH_STORAGE: MOUNT_PATH,
    WORKBENCH_BASE_PATH: config.basePath === undefined ? '' : `${config.basePath}/${id}`,
    WORKSPACE_PATH: config.workspacePath,
    PORT: String(config.containerPort),
  };
  const content: RegisterTaskDefinitionCommandInput = {
    family: familyOf(config.stack, id),
    networkMode: 'awsvpc',
    requiresCompatibilities: [isFargate(profile) ? 'FARGATE' : 'EC2'],
    cpu: String(size.cpu),
    memory: String(size.memory),
    ...(ephemeralGib === undefined ? {} : { ephemeralStorage: { sizeInGiB: ephemeralGib } }),
    ...(architecture ? { runtimePlatform: { cpuArchitecture: architecture, operatingSystemFamily: 'LINUX' } } : {}),
    ...(config.executionRoleArn ? { executionRoleArn: config.executionRoleArn } : {}),
    ...(config.taskRoleArn ? { taskRoleArn: config.taskRoleArn } : {}),
    volumes: [
      {
        name: VOLUME_NAME,
        efsVolumeConfiguration: {
          fileSystemId: config.fileSystemId.replace(/^.*\//, ''),
          transitEncryption: 'ENABLED',
          authorizationConfig: { accessPointId: `fsap-${id}`, iam: 'ENABLED' },
        },
      },
    ],
    containerDefinitions: [
      {
        name: CONTAINER_NAME,
        image: profile.image,
        essential: true,
        entryPoint: ['sh', '-c'],
        command: [`${setUp}; ${profile.bootCommand}`],
        environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
        mountPoints: [{ sourceVolume: VOLUME_NAME, containerPath: MOUNT_PATH, readOnly: false }],
        ...(gpu === undefined ? {} : { resourceRequirements: [{ type: 'GPU', value: String(gpu) }] }),
        portMappings: [{ containerPort: config.containerPort, protocol: 'tcp' }],
        ...(config.logGroup
          ? {
              logConfiguration: {
                logDriver: 'awslogs',
                options: {
                  'awslogs-group': config.logGroup,
                  'awslogs-region': config.region,
                  'awslogs-stream-prefix': `${config.stack}/${id}`,
                },
              },
            }
          : {}),
      },
    ],
  };
  const tags = { ...ownerTags(config.stack, workbench), [FINGERPRINT_TAG]: fingerprint(content) };
  return { ...content, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
}

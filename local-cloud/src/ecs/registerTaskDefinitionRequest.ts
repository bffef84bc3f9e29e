import { z } from 'zod';
import { tagListSchema } from './tags.ts';

const environment = z.array(z.object({ name: z.string(), value: z.string().default('') }));

const portMapping = z.looseObject({
  containerPort: z.int().min(0).max(65_535).optional(),
  hostPort: z.int().min(0).max(65_535).optional(),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
});

const healthCheck = z.object({
  command: z.array(z.string()).min(1, 'The health check needs a command.'),
  interval: z.int().min(5).max(300).default(30),
  timeout: z.int().min(2).max(60).default(5),
  retries: z.int().min(1).max(10).default(3),
  startPeriod: z.int().min(0).max(300).optional(),
});

export const resourceRequirements = z.array(
  z
    .object({ type: z.enum(['GPU', 'NeuronDevice', 'InferenceAccelerator']), value: z.string() })
    .refine(
      ({ type, value }) => type !== 'GPU' || /^([1-9]\d{0,2}|ALL)$/.test(value),
      "Invalid value for resource type GPU: it must be a number of GPUs, or 'ALL'.",
    ),
);

const runtimePlatform = z.object({
  cpuArchitecture: z.enum(['X86_64', 'ARM64']).optional(),
  operatingSystemFamily: z.string().optional(),
});

/** Members that the local cloud has no use for are kept and answered as they came. */
const containerDefinition = z.looseObject({
  name: z
    .string('Container.name should not be null or empty.')
    .regex(/^[\w-]{1,255}$/, 'Container.name contains invalid characters.'),
  image: z
    .string('Container.image should not be null or empty.')
    .min(1, 'Container.image should not be null or empty.'),
  cpu: z.int().min(0).default(0),
  memory: z.int().min(6).optional(),
  memoryReservation: z.int().min(6).optional(),
  essential: z.boolean().default(true),
  portMappings: z.array(portMapping).default([]),
  entryPoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: environment.default([]),
  mountPoints: z
    .array(
      z.object({
        sourceVolume: z.string(),
        containerPath: z.string().startsWith('/', 'The container path must be absolute.'),
        readOnly: z.boolean().optional(),
      }),
    )
    .default([]),
  privileged: z.boolean().optional(),
  dockerSecurityOptions: z.array(z.string()).optional(),
  linuxParameters: z.looseObject({}).optional(),
  volumesFrom: z.array(z.looseObject({})).default([]),
  systemControls: z.array(z.looseObject({})).default([]),
  stopTimeout: z.int().min(0).optional(),
  resourceRequirements: resourceRequirements.optional(),
  healthCheck: healthCheck.optional(),
  logConfiguration: z
    .looseObject({ logDriver: z.string().min(1), options: z.record(z.string(), z.string()).default({}) })
    .optional(),
});

const efsVolume = z.object({
  fileSystemId: z.string().min(1),
  rootDirectory: z.string().default('/'),
  transitEncryption: z.enum(['ENABLED', 'DISABLED']).optional(),
  transitEncryptionPort: z.int().min(1).max(65_535).optional(),
  authorizationConfig: z
    .object({ accessPointId: z.string().optional(), iam: z.enum(['ENABLED', 'DISABLED']).optional() })
    .optional(),
});

/** `1024` and `1 vCPU`, `2048` and `2 GB` are the same to ECS, which answers the former. */
const units = (unit: RegExp) =>
  z
    .string()
    .transform((text) => (unit.test(text) ? String(Number(text.replace(unit, '')) * 1024) : text))
    .refine((text) => /^\d+$/.test(text), "Invalid 'cpu' or 'memory' setting for task.");

export const cpuSchema = units(/\s*vcpu$/i);
export const memorySchema = units(/\s*gb$/i);

export const registerTaskDefinitionRequest = z.object({
  family: z
    .string('Family should not be null or empty.')
    .min(1, 'Family should not be null or empty.')
    .max(255, 'Family should not be longer than 255 characters.')
    .regex(/^[\w-]+$/, 'Family contains invalid characters.'),
  containerDefinitions: z.array(containerDefinition).min(1, 'Container list cannot be empty.'),
  volumes: z
    .array(
      z.looseObject({
        name: z.string().min(1),
        host: z.looseObject({ sourcePath: z.string().optional() }).optional(),
        dockerVolumeConfiguration: z.looseObject({}).optional(),
        efsVolumeConfiguration: efsVolume.optional(),
      }),
    )
    .default([]),
  placementConstraints: z.array(z.looseObject({})).default([]),
  networkMode: z.enum(['bridge', 'host', 'awsvpc', 'none']).default('bridge'),
  requiresCompatibilities: z.array(z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'])).optional(),
  cpu: cpuSchema.optional(),
  memory: memorySchema.optional(),
  taskRoleArn: z.string().optional(),
  executionRoleArn: z.string().optional(),
  ephemeralStorage: z.object({ sizeInGiB: z.int().min(21).max(200) }).optional(),
  runtimePlatform: runtimePlatform.optional(),
  proxyConfiguration: z.unknown().optional(),
  inferenceAccelerators: z.unknown().optional(),
  pidMode: z.enum(['host', 'task']).optional(),
  ipcMode: z.enum(['host', 'task', 'none']).optional(),
  enableFaultInjection: z.boolean().optional(),
  tags: tagListSchema.optional(),
});

export type RegisterTaskDefinitionRequest = z.infer<typeof registerTaskDefinitionRequest>;

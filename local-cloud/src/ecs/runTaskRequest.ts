import { z } from 'zod';
import { cpuSchema, memorySchema, resourceRequirements } from './registerTaskDefinitionRequest.ts';
import { tagListSchema } from './tags.ts';

const containerOverride = z.looseObject({
  name: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.array(z.object({ name: z.string(), value: z.string().default('') })).optional(),
  cpu: z.int().min(0).optional(),
  memory: z.int().min(6).optional(),
  memoryReservation: z.int().min(6).optional(),
  resourceRequirements: resourceRequirements.optional(),
});

const taskOverride = z.object({
  containerOverrides: z.array(containerOverride).default([]),
  inferenceAcceleratorOverrides: z.array(z.looseObject({})).default([]),
  cpu: cpuSchema.optional(),
  memory: memorySchema.optional(),
  executionRoleArn: z.string().optional(),
  taskRoleArn: z.string().optional(),
  ephemeralStorage: z.object({ sizeInGiB: z.int().min(21).max(200) }).optional(),
});

const awsvpcConfiguration = z.object({
  subnets: z.array(z.string()).min(1).max(16),
  securityGroups: z.array(z.string()).max(5).optional(),
  assignPublicIp: z.enum(['ENABLED', 'DISABLED']).optional(),
});

const capacityProviderStrategy = z
  .array(
    z.object({
      capacityProvider: z.string().min(1),
      weight: z.int().min(0).max(1000).default(0),
      base: z.int().min(0).max(100_000).default(0),
    }),
  )
  .max(20, 'A capacity provider strategy can contain at most 20 capacity providers.');

export const runTaskRequest = z.object({
  cluster: z.string().optional(),
  taskDefinition: z.string('Task definition can not be blank.').min(1, 'Task definition can not be blank.'),
  count: z.int().min(1, 'count must be between 1 and 10.').max(10, 'count must be between 1 and 10.').default(1),
  overrides: taskOverride.prefault({}),
  clientToken: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\x21-\x7e]*$/)
    .optional(),
  tags: tagListSchema.optional(),
  startedBy: z
    .string()
    .max(128)
    .regex(/^[\w/-]*$/)
    .optional(),
  group: z.string().max(255).optional(),
  launchType: z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES']).optional(),
  capacityProviderStrategy: capacityProviderStrategy.optional(),
  networkConfiguration: z.object({ awsvpcConfiguration: awsvpcConfiguration.optional() }).optional(),
  platformVersion: z.string().optional(),
  propagateTags: z.enum(['TASK_DEFINITION', 'SERVICE', 'NONE']).optional(),
  enableECSManagedTags: z.boolean().default(false),
  enableExecuteCommand: z.boolean().default(false),
});

export type RunTaskRequest = z.infer<typeof runTaskRequest>;
export type TaskOverride = z.infer<typeof taskOverride>;

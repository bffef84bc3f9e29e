import { AwsError } from '../awsError.ts';
import { isFargateSize } from './fargateSizes.ts';
import { checkLogging } from './logging.ts';
import type { RegisterTaskDefinitionRequest } from './registerTaskDefinitionRequest.ts';
import { unsupportedOnFargate } from './unsupportedOnFargate.ts';

const maxBytes = 64 * 1024;

/** What ECS refuses beyond the form of single members. @throws AwsError */
export function checkTaskDefinition(request: RegisterTaskDefinitionRequest): void {
  if (Buffer.byteLength(JSON.stringify(request)) > maxBytes) refuse('Task definition is larger than 64 KB.');
  if (request.requiresCompatibilities?.includes('FARGATE')) checkFargate(request);
  else checkSize(request);
  checkContainers(request);
  checkVolumes(request);
  checkLogging(request);
}

/** Where it isn't Fargate's: by the model's text. */
function checkSize({ cpu }: RegisterTaskDefinitionRequest): void {
  if (cpu === undefined) return;
  const units = Number(cpu);
  if (units < 128 || units > 196_608) refuse("Invalid 'cpu' setting for task. It must be between 128 and 196608.");
}

/** What a task definition may be run on, whatever it was said to be for. */
export function compatibilitiesOf(request: RegisterTaskDefinitionRequest): readonly string[] {
  try {
    checkFargate(request);
    return ['EC2', 'FARGATE'];
  } catch {
    return ['EC2'];
  }
}

function checkContainers({ containerDefinitions, memory }: RegisterTaskDefinitionRequest): void {
  // AWS allows ten. Saying so here is better than running one of them and not the others.
  if (containerDefinitions.length > 1) refuse('The local cloud runs tasks of one container only.');
  for (const container of containerDefinitions) {
    if (!container.essential) refuse('A task definition must have at least one essential container.');
    if (memory === undefined && container.memory === undefined && container.memoryReservation === undefined) {
      refuse(
        `Invalid setting for container '${container.name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
      );
    }
  }
}

function checkVolumes({ containerDefinitions, volumes }: RegisterTaskDefinitionRequest): void {
  const names = new Set(volumes.map(({ name }) => name));
  if (names.size < volumes.length) refuse('Volume names must be unique.');
  for (const { mountPoints } of containerDefinitions) {
    for (const { sourceVolume } of mountPoints) {
      if (!names.has(sourceVolume)) refuse(`Unknown volume '${sourceVolume}'.`);
    }
  }
  for (const { efsVolumeConfiguration: efs } of volumes) {
    if (efs === undefined) continue;
    const encrypted = efs.transitEncryption === 'ENABLED';
    if (efs.authorizationConfig?.accessPointId !== undefined) {
      if (!encrypted) refuse('EFS transit encryption must be enabled when an access point is used.');
      if (efs.rootDirectory !== '/') refuse('EFS root directory must be omitted or / when an access point is used.');
    }
    if (efs.authorizationConfig?.iam === 'ENABLED' && !encrypted) {
      refuse('EFS transit encryption must be enabled when IAM authorization is used.');
    }
  }
}

function checkFargate(request: RegisterTaskDefinitionRequest): void {
  const { networkMode, containerDefinitions, ...task } = request;
  const unsupported = unsupportedOnFargate(request);
  if (unsupported !== undefined) refuse(`Tasks using the Fargate launch type do not support ${unsupported}.`);
  if (networkMode !== 'awsvpc') refuse("Fargate only supports network mode 'awsvpc'.");
  const cpu = task.cpu ?? refuse("Fargate requires that 'cpu' be defined at the task level.");
  const memory = task.memory ?? refuse("Fargate requires that 'memory' be defined at the task level.");
  if (!isFargateSize(cpu, memory)) {
    refuse(`No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory.`);
  }
  for (const { name, memory: own = 0, cpu: ownCpu, stopTimeout = 30, portMappings } of containerDefinitions) {
    if (own > Number(memory)) refuse(`Invalid setting for container '${name}': 'memory' is more than the task has.`);
    if (ownCpu > Number(cpu)) refuse(`Invalid setting for container '${name}': 'cpu' is more than the task has.`);
    if (stopTimeout < 2 || stopTimeout > 120) refuse('The stop timeout must be between 2 and 120 seconds on Fargate.');
    for (const { containerPort, hostPort = containerPort } of portMappings) {
      if (hostPort !== containerPort) {
        refuse('When networkMode=awsvpc, the host ports and container ports in port mappings must match.');
      }
    }
  }
}

function refuse(message: string): never {
  throw new AwsError('ClientException', message);
}

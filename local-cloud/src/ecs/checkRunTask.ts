import { AwsError } from '../awsError.ts';
import type { EcsDependencies } from './EcsDependencies.ts';
import { isFargateSize } from './fargateSizes.ts';
import type { RunTaskRequest } from './runTaskRequest.ts';
import type { StoredTaskDefinition } from './StoredTaskDefinition.ts';

const maxOverrides = 8_192;
const platformVersions = ['LATEST', '1.4.0', '1.3.0'];
const fargateProviders = ['FARGATE', 'FARGATE_SPOT'];

/** Where the tasks of a request run. */
export type Placement = Readonly<{
  launchType: 'EC2' | 'FARGATE' | 'EXTERNAL' | 'MANAGED_INSTANCES';
  capacityProviderName: string | undefined;
}>;

/** The provider with the largest weight takes all: the local cloud spreads nothing. */
export function placementOf({ launchType, capacityProviderStrategy }: RunTaskRequest): Placement {
  const [first] = [...(capacityProviderStrategy ?? [])].sort((a, b) => b.weight - a.weight || b.base - a.base);
  if (first === undefined) return { launchType: launchType ?? 'EC2', capacityProviderName: undefined };
  const { capacityProvider } = first;
  return {
    launchType: fargateProviders.includes(capacityProvider) ? 'FARGATE' : 'EC2',
    capacityProviderName: capacityProvider,
  };
}

/** What RunTask refuses on its own. @throws AwsError */
export function checkRunTask(request: RunTaskRequest, overridesAsSent: unknown): void {
  if (request.launchType !== undefined && request.capacityProviderStrategy !== undefined) {
    refuse('Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.');
  }
  if (request.propagateTags === 'SERVICE') refuse('propagateTags SERVICE is not supported by RunTask.');
  if (JSON.stringify(overridesAsSent ?? {}).length > maxOverrides) {
    refuse(`Overrides can be at most ${maxOverrides} characters long.`);
  }
}

/** What there is for tasks to run on. */
type Infrastructure = Pick<EcsDependencies, 'network' | 'capacityProviders'>;

/** What RunTask refuses because of the task definition, and of what there is to run it on. @throws AwsError */
export function checkAgainstDefinition(
  request: RunTaskRequest,
  definition: StoredTaskDefinition,
  { network, capacityProviders }: Infrastructure,
): void {
  const { overrides, platformVersion = 'LATEST' } = request;
  if (definition.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
  checkCapacity(request, capacityProviders);
  checkNetwork(request, definition, network);
  const names = definition.containerDefinitions.map(({ name }) => name);
  for (const { name } of overrides.containerOverrides) {
    if (!names.includes(name)) {
      refuse(`Override for container named ${name} is not a container in the TaskDefinition.`);
    }
  }
  if (request.enableExecuteCommand && (overrides.taskRoleArn ?? definition.taskRoleArn) === undefined) {
    refuse('A valid taskRoleArn must be specified when enableExecuteCommand is set.');
  }
  if (placementOf(request).launchType !== 'FARGATE') return;

  if (!definition.compatibilities.includes('FARGATE')) {
    refuse('Task definition does not support launch_type FARGATE.');
  }
  if (!platformVersions.includes(platformVersion)) {
    throw new AwsError('PlatformUnknownException', 'The specified platform does not exist.');
  }
  if (platformVersion === '1.3.0' && definition.volumes.some((volume) => volume.efsVolumeConfiguration)) {
    throw new AwsError(
      'PlatformTaskDefinitionIncompatibilityException',
      'One or more of the requested capabilities are not supported.',
    );
  }
  const cpu = overrides.cpu ?? definition.cpu ?? '';
  const memory = overrides.memory ?? definition.memory ?? '';
  if (!isFargateSize(cpu, memory)) {
    throw new AwsError(
      'ClientException',
      `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory.`,
    );
  }
}

/** There are no container instances, and the cluster has no default strategy: what is left is Fargate, or a provider. */
function checkCapacity({ launchType, capacityProviderStrategy }: RunTaskRequest, associated: readonly string[]): void {
  if (capacityProviderStrategy === undefined || capacityProviderStrategy.length === 0) {
    if (launchType === 'MANAGED_INSTANCES') refuse('launchType MANAGED_INSTANCES needs a capacityProviderStrategy.');
    if (launchType !== 'FARGATE') refuse('No Container Instances were found in your cluster.');
    return;
  }
  if (capacityProviderStrategy.some(({ capacityProvider }) => !associated.includes(capacityProvider))) {
    refuse(
      'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.',
    );
  }
  const fargate = capacityProviderStrategy.filter(({ capacityProvider }) =>
    fargateProviders.includes(capacityProvider),
  );
  if (fargate.length > 0 && fargate.length < capacityProviderStrategy.length) {
    refuse('A capacity provider strategy cannot contain a mix of Fargate and other capacity providers.');
  }
  if (capacityProviderStrategy.length > 1 && capacityProviderStrategy.every(({ weight }) => weight === 0)) {
    refuse('At least one capacity provider of a strategy must have a weight greater than zero.');
  }
  if (capacityProviderStrategy.filter(({ base }) => base > 0).length > 1) {
    refuse('Only one capacity provider of a strategy can have a base defined.');
  }
}

function checkNetwork(
  request: RunTaskRequest,
  { networkMode }: StoredTaskDefinition,
  { subnets, securityGroups }: Infrastructure['network'],
): void {
  const network = request.networkConfiguration?.awsvpcConfiguration;
  if (networkMode !== 'awsvpc') {
    if (network !== undefined) {
      refuse('Network Configuration is not valid for the given networkMode of this task definition.');
    }
    return;
  }
  if (network === undefined) refuse("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  const subnet = network.subnets.find((wanted) => !subnets.some(({ id }) => id === wanted));
  if (subnet !== undefined) {
    refuse(
      `Error retrieving subnet information for [${subnet}]: The subnet ID '${subnet}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
    );
  }
  const group = network.securityGroups?.find((wanted) => !securityGroups.includes(wanted));
  if (group !== undefined) {
    refuse(
      `Error retrieving security group information for [${group}]: The security group '${group}' does not exist (ErrorCode: InvalidGroup.NotFound)`,
    );
  }
}

function refuse(message: string): never {
  throw new AwsError('InvalidParameterException', message);
}

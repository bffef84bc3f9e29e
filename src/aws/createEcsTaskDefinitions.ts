import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  type DescribeTaskDefinitionCommandOutput,
  ListTaskDefinitionFamiliesCommand,
  type ListTaskDefinitionFamiliesCommandOutput,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinitionStatus,
} from '@aws-sdk/client-ecs';
import type { Context } from '../lib/Context.ts';
import { UnavailableError, UpstreamError } from '../lib/errors.ts';
import type { Turn } from '../lib/paceCalls.ts';
import type { Fitting, Profiles } from '../workbench/model/Profile.ts';
import type { Workbench } from '../workbench/model/Workbench.ts';
import type { TaskDefinitions } from '../workbench/ports.ts';
import { callAws, isAwsError } from './awsErrors.ts';
import type { Clients } from './clients.ts';
import { inTheBackground, type Paces } from './createPaces.ts';
import {
  FINGERPRINT_TAG,
  familyOf,
  type TaskDefinitionConfig,
  taskDefinition,
  workbenchIdOf,
} from './taskDefinition.ts';

/** DeleteTaskDefinitions takes no more at a time. */
const DELETE_BATCH = 10;
const REGISTER_ATTEMPTS = 4;
const LEFT_INACTIVE = 'task definitions left inactive';

/**
 * The families of task definitions, one a workbench.
 * @param turnWithinMs a registration whose turn is later than this is refused; those of background work, which wait
 * for as long as it takes and let all others pass, have Infinity
 */
export function createEcsTaskDefinitions(
  { ecs, once }: Clients,
  paces: Paces,
  turnWithinMs: number,
  config: TaskDefinitionConfig,
  profiles: Profiles,
  { clock, timings, random, logger }: Context,
): TaskDefinitions {
  const { stack } = config;

  /** Of a start that began before its profile went, and that nothing was registered for, the default's makes an end. */
  function fittingOf(workbench: Workbench, purpose: 'run' | 'purge'): Fitting {
    if (purpose === 'purge') return profiles.forPurge(workbench);
    return { profile: profiles.of(workbench) ?? profiles.usual, size: workbench.size };
  }

  async function register(workbench: Workbench): Promise<string> {
    return await registerAs(taskDefinition(workbench, fittingOf(workbench, 'run'), config), workbench.userId);
  }

  async function registerAs(input: RegisterTaskDefinitionCommandInput, userId: string): Promise<string> {
    const turn = turnFor(userId);
    for (let attempt = 1; attempt <= REGISTER_ATTEMPTS; attempt++) {
      const name = await callAws<string>(
        async () => {
          const send = () => once.ecs.send(new RegisterTaskDefinitionCommand(input));
          return nameOf((await paces.taskDefinitions.send(send, turn)).taskDefinition?.taskDefinitionArn);
        },
        // Two controllers at once. Not a throttle by its name, so nobody else repeats it.
        (error) =>
          isAwsError(error, 'ClientException') && /concurrent attempts/i.test(error.message) ? '' : undefined,
      );
      if (name) return name;
      await clock.sleep(attempt * (timings.registerPauseMs + random() * timings.registerPauseSpreadMs));
    }
    throw new UnavailableError('The task definition is being registered elsewhere; try again in a moment');
  }

  async function ensure(workbench: Workbench, purpose: 'run' | 'purge' = 'run'): Promise<string> {
    const input = taskDefinition(workbench, fittingOf(workbench, purpose), config);
    const wanted = input.tags?.find(({ key }) => key === FINGERPRINT_TAG)?.value;
    const family = familyOf(stack, workbench.id);
    const request = new DescribeTaskDefinitionCommand({ taskDefinition: family, include: ['TAGS'] });
    const latest = await callAws<Pick<DescribeTaskDefinitionCommandOutput, 'taskDefinition' | 'tags'>>(
      () => ecs.send(request),
      (error) => (isAwsError(error, 'ClientException') ? {} : undefined),
    );
    const current = latest.tags?.find(({ key }) => key === FINGERPRINT_TAG)?.value === wanted;
    const active = latest.taskDefinition?.status === 'ACTIVE';
    // Its profile is gone: what ran before is as near as it gets.
    const asBefore = purpose === 'run' && !profiles.of(workbench);
    if (active && (current || asBefore)) return nameOf(latest.taskDefinition?.taskDefinitionArn);
    return await registerAs(input, workbench.userId);
  }

  async function remove(workbenchId: string): Promise<void> {
    const active = await list(workbenchId, 'ACTIVE');
    for (const arn of active) {
      const send = () => once.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }));
      await callAws<unknown>(
        () => paces.taskDefinitions.send(send, inTheBackground),
        // Somebody else was quicker.
        (error) => isAwsError(error, 'ClientException', 'InvalidParameterException') || undefined,
      );
    }
    // A list may not show yet what has become of the ones above.
    const inactive = [...new Set([...active, ...(await list(workbenchId, 'INACTIVE'))])];
    for (let start = 0; start < inactive.length; start += DELETE_BATCH) {
      await deleteInactive(workbenchId, inactive.slice(start, start + DELETE_BATCH));
    }
  }

  /** Inactive ones cost nothing and start nothing: what AWS won't delete holds nothing up. */
  async function deleteInactive(workbenchId: string, taskDefinitions: string[]): Promise<void> {
    try {
      const send = () => once.ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions }));
      const { failures = [] } = await callAws(() => paces.deleteTaskDefinitions.send(send, inTheBackground));
      if (failures.length > 0) logger.warn({ workbench: workbenchId, failures }, LEFT_INACTIVE);
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      logger.warn({ workbench: workbenchId, err: error }, LEFT_INACTIVE);
    }
  }

  function turnFor(user: string): Turn {
    const until = clock.monotonic() + turnWithinMs;
    return until === Number.POSITIVE_INFINITY ? inTheBackground : { user, urgency: 'soon', until };
  }

  async function* owners(): AsyncGenerator<readonly string[]> {
    let nextToken: string | undefined;
    do {
      const request = { familyPrefix: `${stack}-`, status: 'ACTIVE' as const, nextToken };
      const page: ListTaskDefinitionFamiliesCommandOutput = await callAws(() =>
        ecs.send(new ListTaskDefinitionFamiliesCommand(request)),
      );
      yield (page.families ?? []).flatMap((family) => workbenchIdOf(stack, family) ?? []);
      nextToken = page.nextToken;
    } while (nextToken);
  }

  async function list(workbenchId: string, status: TaskDefinitionStatus): Promise<string[]> {
    const familyPrefix = familyOf(stack, workbenchId);
    const arns: string[] = [];
    let nextToken: string | undefined;
    do {
      const request = new ListTaskDefinitionsCommand({ familyPrefix, status, nextToken });
      const page = await callAws(() => ecs.send(request));
      arns.push(...(page.taskDefinitionArns ?? []).filter((arn) => nameOf(arn).startsWith(`${familyPrefix}:`)));
      nextToken = page.nextToken;
    } while (nextToken);
    return arns;
  }

  return { register, ensure, owners, remove };
}

/** `family:revision` */
function nameOf(arn: string | undefined): string {
  return arn?.split('/').pop() ?? '';
}

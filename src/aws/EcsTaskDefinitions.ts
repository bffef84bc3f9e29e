import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  type DescribeTaskDefinitionCommandOutput,
  type ECSClient,
  ListTaskDefinitionFamiliesCommand,
  type ListTaskDefinitionFamiliesCommandOutput,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type TaskDefinitionStatus,
} from '@aws-sdk/client-ecs';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { UnavailableError, UpstreamError } from '../lib/errors.ts';
import type { Turn } from '../lib/paceCalls.ts';
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

/** The families of task definitions, one a workbench. */
export class EcsTaskDefinitions implements TaskDefinitions {
  readonly #ecs: ECSClient;
  /** For the calls that have a pace. */
  readonly #once: ECSClient;
  readonly #paces: Paces;
  readonly #turnWithinMs: number;
  readonly #config: TaskDefinitionConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;

  /**
   * @param turnWithinMs a registration whose turn is later than this is refused; those of background work, which wait
   * for as long as it takes and let all others pass, have Infinity
   */
  constructor(
    clients: Clients,
    paces: Paces,
    turnWithinMs: number,
    config: TaskDefinitionConfig,
    clock: Clock,
    logger: Logger,
  ) {
    this.#ecs = clients.ecs;
    this.#once = clients.once.ecs;
    this.#paces = paces;
    this.#turnWithinMs = turnWithinMs;
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
  }

  async register(workbench: Workbench): Promise<string> {
    const input = taskDefinition(workbench, this.#config);
    const turn = this.#turnFor(workbench.userId);
    for (let attempt = 1; attempt <= REGISTER_ATTEMPTS; attempt++) {
      const name = await callAws<string>(
        async () => {
          const { taskDefinition: registered } = await this.#paces.taskDefinitions.send(
            () => this.#once.send(new RegisterTaskDefinitionCommand(input)),
            turn,
          );
          return nameOf(registered?.taskDefinitionArn);
        },
        // Two controllers at once. Not a throttle by its name, so nobody else repeats it.
        (error) =>
          isAwsError(error, 'ClientException') && /concurrent attempts/i.test(error.message) ? '' : undefined,
      );
      if (name) return name;
      await this.#clock.sleep(attempt * (100 + Math.random() * 200));
    }
    throw new UnavailableError('The task definition is being registered elsewhere; try again in a moment');
  }

  async ensure(workbench: Workbench): Promise<string> {
    const wanted = taskDefinition(workbench, this.#config).tags?.find(({ key }) => key === FINGERPRINT_TAG)?.value;
    const family = familyOf(this.#config.stack, workbench.id);
    const request = new DescribeTaskDefinitionCommand({ taskDefinition: family, include: ['TAGS'] });
    const latest = await callAws<Pick<DescribeTaskDefinitionCommandOutput, 'taskDefinition' | 'tags'>>(
      () => this.#ecs.send(request),
      (error) => (isAwsError(error, 'ClientException') ? {} : undefined),
    );
    const current = latest.tags?.find(({ key }) => key === FINGERPRINT_TAG)?.value === wanted;
    const active = latest.taskDefinition?.status === 'ACTIVE';
    return current && active ? nameOf(latest.taskDefinition?.taskDefinitionArn) : await this.register(workbench);
  }

  async remove(workbenchId: string): Promise<void> {
    const active = await this.#list(workbenchId, 'ACTIVE');
    const { taskDefinitions } = this.#paces;
    for (const taskDefinition of active) {
      await callAws<unknown>(
        () =>
          taskDefinitions.send(
            () => this.#once.send(new DeregisterTaskDefinitionCommand({ taskDefinition })),
            inTheBackground,
          ),
        // Somebody else was quicker.
        (error) => isAwsError(error, 'ClientException', 'InvalidParameterException') || undefined,
      );
    }
    // A list may not show yet what has become of the ones above.
    const inactive = [...new Set([...active, ...(await this.#list(workbenchId, 'INACTIVE'))])];
    for (let start = 0; start < inactive.length; start += DELETE_BATCH) {
      await this.#delete(workbenchId, inactive.slice(start, start + DELETE_BATCH));
    }
  }

  /** Inactive ones cost nothing and start nothing: what AWS won't delete holds nothing up. */
  async #delete(workbenchId: string, taskDefinitions: string[]): Promise<void> {
    try {
      const { failures = [] } = await callAws(() =>
        this.#paces.deleteTaskDefinitions.send(
          () => this.#once.send(new DeleteTaskDefinitionsCommand({ taskDefinitions })),
          inTheBackground,
        ),
      );
      if (failures.length > 0) this.#logger.warn({ workbench: workbenchId, failures }, LEFT_INACTIVE);
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      this.#logger.warn({ workbench: workbenchId, err: error }, LEFT_INACTIVE);
    }
  }

  #turnFor(user: string): Turn {
    const until = this.#clock.monotonic() + this.#turnWithinMs;
    return until === Number.POSITIVE_INFINITY ? inTheBackground : { user, urgency: 'soon', until };
  }

  async *owners(): AsyncGenerator<readonly string[]> {
    const { stack } = this.#config;
    let nextToken: string | undefined;
    do {
      const request = { familyPrefix: `${stack}-`, status: 'ACTIVE' as const, ...(nextToken ? { nextToken } : {}) };
      const page = await callAws<ListTaskDefinitionFamiliesCommandOutput>(() =>
        this.#ecs.send(new ListTaskDefinitionFamiliesCommand(request)),
      );
      yield (page.families ?? []).flatMap((family) => workbenchIdOf(stack, family) ?? []);
      nextToken = page.nextToken;
    } while (nextToken);
  }

  async #list(workbenchId: string, status: TaskDefinitionStatus): Promise<string[]> {
    const family = familyOf(this.#config.stack, workbenchId);
    const arns: string[] = [];
    let nextToken: string | undefined;
    do {
      const request = new ListTaskDefinitionsCommand({
        familyPrefix: family,
        status,
        ...(nextToken ? { nextToken } : {}),
      });
      const page = await callAws(() => this.#ecs.send(request));
      arns.push(...(page.taskDefinitionArns ?? []).filter((arn) => nameOf(arn).startsWith(`${family}:`)));
      nextToken = page.nextToken;
    } while (nextToken);
    return arns;
  }
}

/** `family:revision` */
function nameOf(arn: string | undefined): string {
  return arn?.split('/').pop() ?? '';
}

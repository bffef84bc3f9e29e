import type { Status } from './status.ts';
import { isGoingDown, type Task } from './Task.ts';
import { lastTask, outstandingGeneration, type Workbench } from './Workbench.ts';

export const startingSteps = ['queued', 'provisioning', 'pulling', 'booting'] as const;

type StartingStep = (typeof startingSteps)[number];

/** How far a workbench has come on its way up. */
export type Starting = Readonly<{
  step: StartingStep;
  /** Milliseconds since the epoch, by ECS's clock wherever ECS has said anything. */
  since: number;
  /** What is usual after so long, and what to do about it; for people. */
  hint: string | undefined;
}>;

type Patience = Readonly<{ ms: number; hint: string }>;

const MINUTE = 60_000;

/** Fargate keeps no image: one of 900 MB takes a bit over a minute there. */
const pullPatience: Patience = {
  ms: 3 * MINUTE,
  hint: 'Its image is large, or far away: nothing is kept between starts. A smaller image, or one in the same Region, is there sooner.',
};
const placePatience: Patience = {
  ms: 2 * MINUTE,
  hint: 'The cloud has no capacity for it now, or its subnets have no addresses left. Other sizes, subnets or capacity providers may help.',
};

const onTheWay: ReadonlySet<string> = new Set(['provisioning', 'pending', 'activating']);

/**
 * What a workbench is doing until it runs; undefined if it isn't on its way up.
 * @param seenAt since when its record has been known as it is
 */
export function startingOf(
  workbench: Workbench,
  status: Status,
  task: Task | undefined,
  now: number,
  seenAt: number,
): Starting | undefined {
  if (status === 'starting') return { step: 'queued', since: queuedSince(workbench, seenAt), hint: undefined };
  if (!task || !onTheWay.has(status) || isGoingDown(task)) return undefined;
  const { step, since = lastTask(workbench)?.launchedAt ?? seenAt, patience } = stepOf(task);
  return { step, since, hint: patience && now - since >= patience.ms ? patience.hint : undefined };
}

/** ECS hasn't shown it, so its times are those of the record. */
function queuedSince(workbench: Workbench, seenAt: number): number {
  const outstanding = outstandingGeneration(workbench);
  if (outstanding === undefined) return lastTask(workbench)?.launchedAt ?? seenAt;
  return outstanding === 1 ? workbench.createdAt.getTime() : seenAt;
}

function stepOf({
  status,
  times,
}: Task): Readonly<{ step: StartingStep; since: number | undefined; patience: Patience | undefined }> {
  const { createdAt, connectivityAt, pullStartedAt, pullStoppedAt } = times;
  if (status === 'activating' || pullStoppedAt !== undefined) {
    return { step: 'booting', since: pullStoppedAt ?? connectivityAt ?? createdAt, patience: undefined };
  }
  if (pullStartedAt !== undefined) return { step: 'pulling', since: pullStartedAt, patience: pullPatience };
  // Once its agent is connected, it has a place and an address.
  const placed = connectivityAt !== undefined;
  return { step: 'provisioning', since: createdAt, patience: placed ? undefined : placePatience };
}

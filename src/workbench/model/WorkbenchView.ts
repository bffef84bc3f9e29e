import type { Profile, Profiles } from './Profile.ts';
import { type Starting, startingOf } from './starting.ts';
import { type Moment, type Status, statusOf } from './status.ts';
import { stoppedReasonOf } from './stoppedReason.ts';
import { hasEnded, type Task } from './Task.ts';
import { lastTask, latestGeneration, type StoppedReason, type Workbench } from './Workbench.ts';

/** A workbench together with what the cloud shows of it. */
export type WorkbenchView = Readonly<{
  workbench: Workbench;
  status: Status;
  stoppedReason: StoppedReason | undefined;
  /** On its way up. */
  starting: Starting | undefined;
  /** The name of its profile, offered or not. */
  profile: string;
  /** What runs, else what a start would run. */
  image: string | undefined;
  imageDigest: string | undefined;
  /** Of what runs: a start would run another image, profile or size. */
  updateAvailable: boolean | undefined;
  /** Where it can be reached, while it runs. */
  address: Task['address'];
  /** How long ago the cloud showed this, in milliseconds. */
  ageMs: number;
}>;

/**
 * @param task the task that the record names, as ECS shows it; undefined if it doesn't
 * @param seenAt since when this record has been known, in milliseconds since the epoch
 */
export function viewOf(
  workbench: Workbench,
  task: Task | undefined,
  profiles: Profiles,
  moment: Moment,
  ageMs = 0,
  seenAt = moment.now,
): WorkbenchView {
  const status = statusOf(workbench, task, moment);
  const profile = profiles.of(workbench);
  const live = task && !hasEnded(task) && !task.purge ? task : undefined;
  return {
    workbench,
    status,
    stoppedReason: status === 'stopped' ? reasonOf(workbench, task) : undefined,
    starting: startingOf(workbench, status, task, moment.now, seenAt),
    profile: workbench.profile ?? profiles.usual.name,
    image: live?.image ?? profile?.image,
    imageDigest: live?.imageDigest,
    updateAvailable: live && profile && status !== 'destroying' ? differs(workbench, live, profile) : undefined,
    address: status === 'running' ? task?.address : undefined,
    ageMs: Math.max(0, Math.round(ageMs)),
  };
}

/** Whether a start would register something else than the task was launched with; what ECS doesn't say is no reason. */
function differs(workbench: Workbench, { id, image, size }: Task, profile: Profile): boolean {
  const last = lastTask(workbench);
  const launchedAs = last?.taskId === id ? last.profile : undefined;
  const { cpu, memory } = workbench.size;
  return (
    (image !== undefined && image !== profile.image) ||
    (launchedAs !== undefined && launchedAs !== profile.name) ||
    (size !== undefined && (size.cpu !== cpu || size.memory !== memory))
  );
}

function reasonOf(workbench: Workbench, task: Task | undefined): StoppedReason | undefined {
  if (task?.end) return stoppedReasonOf(task.end);
  const { stopped } = workbench;
  return stopped?.generation === latestGeneration(workbench) ? stopped.reason : undefined;
}

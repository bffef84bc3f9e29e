import type { Status } from './status.ts';
import type { Task } from './Task.ts';
import type { StoppedReason, Workbench } from './Workbench.ts';

/** A workbench together with what the cloud shows of it. */
export type WorkbenchView = Readonly<{
  workbench: Workbench;
  status: Status;
  stoppedReason: StoppedReason | undefined;
  /** Where it can be reached, while it runs. */
  address: Task['address'];
  /** How long ago the cloud showed this, in milliseconds. */
  ageMs: number;
}>;

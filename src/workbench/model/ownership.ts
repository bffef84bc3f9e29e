import { noSuchWorkbench } from './errors.ts';
import type { Workbench } from './Workbench.ts';

/** Another user's workbench, and one that does not exist, are the same to whoever asks. @throws NotFoundError */
export function assertOwner(userId: string, workbench: Workbench | undefined): asserts workbench is Workbench {
  if (workbench?.userId !== userId) throw noSuchWorkbench();
}

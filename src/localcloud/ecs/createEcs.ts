import type { Operations } from '../operation.ts';
import type { EcsDependencies } from './EcsDependencies.ts';

/** What may end a task beside a request. */
export type StopCode = 'SpotInterruption' | 'TerminationNotice' | 'ServiceSchedulerInitiated' | 'UserInitiated';

export type Ecs = Readonly<{
  operations: Operations;
  /** Ends a task as AWS itself would: for tests and simulations. */
  stopTaskAs(taskArn: string, stopCode: StopCode, reason: string): void;
  /** Ends every task, and the runtime. */
  close(): Promise<void>;
}>;

export function createEcs(dependencies: EcsDependencies): Ecs {
  return {
    operations: {},
    stopTaskAs() {},
    close: () => dependencies.runtime.close(),
  };
}

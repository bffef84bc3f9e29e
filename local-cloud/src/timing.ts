/** How the local cloud spends its time; every figure in milliseconds. */
export type Timing = Readonly<{
  provisioningMs: number;
  pendingMs: number;
  activatingMs: number;
  /** In DEACTIVATING, before the process is told to end. */
  stoppingMs: number;
  deprovisioningMs: number;
  /** How long after RunTask a task stays invisible to DescribeTasks and ListTasks. */
  visibilityMs: number;
  /** The latency of every call. */
  latencyMs: number;
  /** `aws`: AWS's own token buckets throttle. */
  rates: 'aws' | 'off';
}>;

export const defaultTiming: Timing = {
  provisioningMs: 200,
  pendingMs: 300,
  activatingMs: 400,
  stoppingMs: 0,
  deprovisioningMs: 200,
  visibilityMs: 100,
  latencyMs: 0,
  rates: 'off',
};

/** For tests that don't care: every state is passed through at once. */
export const instantTiming: Timing = {
  ...defaultTiming,
  provisioningMs: 0,
  pendingMs: 0,
  activatingMs: 0,
  deprovisioningMs: 0,
  visibilityMs: 0,
};

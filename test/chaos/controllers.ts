/** A running controller that can be killed. */
export type Replica = Readonly<{
  url: string;
  /** As SIGKILL does it: no goodbye, to callers or to AWS. */
  kill(): void;
  /** In peace. */
  close(): Promise<void>;
}>;

/** Where replicas come from: this process, or processes of their own. */
export interface ReplicaSource {
  start(cloudUrl: string): Promise<Replica>;
  close(): Promise<void>;
}

/** Less patient than in production, so that a scenario settles in seconds; the order of the figures is the same. Of answers a busy machine gets as many as a quiet one. */
export const chaosPace = {
  visibilityGraceMs: 1_500,
  forgottenAfterMs: 600,
  sweepEveryMs: 1_000,
  purgePatienceMs: 1_500,
  orphansEveryMs: 2_000,
} as const;

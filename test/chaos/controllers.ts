import { defaultTimings } from '../../src/lib/timings.ts';

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

/**
 * Less patient than in production, so that a scenario settles in seconds; the order of the figures is the same. Answers
 * come as soon as there: a create that nobody was told of is taken back after twice that, which has to be within what
 * the suite waits for.
 */
export const chaosPace = {
  answerWithinMs: defaultTimings.answerWithinMs,
  visibilityGraceMs: 1_500,
  forgottenAfterMs: 600,
  sweepEveryMs: 1_000,
  purgePatienceMs: 1_500,
  orphansEveryMs: 2_000,
} as const;

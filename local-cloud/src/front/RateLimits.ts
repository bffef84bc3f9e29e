/** Tokens a bucket holds, and how many come back a second. */
type Rate = Readonly<{ burst: number; sustained: number }>;
type Bucket = { readonly rate: Rate; tokens: number; at: number };

/**
 * The buckets that are known. Calls that stand in one row share it; RunTask draws on two. The bucket of Fargate's task
 * launches (100 / 20) is left out: without `count` the one of RunTask calls always empties first.
 */
const sharedBuckets: readonly (Rate & { calls: readonly string[] })[] = [
  { calls: ['RunTask', 'StopTask', 'StartTask', 'ExecuteCommand'], burst: 100, sustained: 40 },
  { calls: ['RunTask'], burst: 20, sustained: 20 },
  { calls: ['DescribeTasks', 'ListTasks'], burst: 100, sustained: 20 },
  { calls: ['RegisterTaskDefinition', 'DeregisterTaskDefinition'], burst: 20, sustained: 1 },
  { calls: ['DescribeTaskDefinition', 'ListTaskDefinitions', 'ListTaskDefinitionFamilies'], burst: 50, sustained: 20 },
  { calls: ['DeleteTaskDefinitions'], burst: 5, sustained: 1 },
  { calls: ['ecs:TagResource', 'ecs:UntagResource'], burst: 20, sustained: 10 },
  { calls: ['ecs:ListTagsForResource'], burst: 50, sustained: 20 },
  // Not published. One public measurement of 10,000 each found about 1 a second for the account; the burst is a guess.
  { calls: ['CreateAccessPoint'], burst: 2, sustained: 1 },
  { calls: ['DeleteAccessPoint'], burst: 2, sustained: 1 },
  { calls: ['GetLogEvents'], burst: 25, sustained: 25 },
  { calls: ['DescribeLogStreams'], burst: 25, sustained: 25 },
  { calls: ['DeleteLogStream'], burst: 15, sustained: 15 },
];

/** An assumption: of the rest of EFS it is known only that each operation has a bucket of its own. */
const assumedRate: Rate = { burst: 50, sustained: 20 };

/** AWS's token buckets, as for one account in one Region. */
export class RateLimits {
  readonly #now: () => number;
  readonly #buckets = new Map<string, readonly Bucket[]>();

  /** @param now milliseconds that never go back */
  constructor(now: () => number) {
    this.#now = now;
    for (const { calls, ...rate } of sharedBuckets) {
      const bucket = { rate, tokens: rate.burst, at: now() };
      for (const call of calls) this.#buckets.set(call, [...(this.#buckets.get(call) ?? []), bucket]);
    }
  }

  /** Whether the call may pass; if so it has been charged. A call that is refused costs nothing. */
  admit(call: string): boolean {
    const buckets = this.#bucketsOf(call);
    const now = this.#now();
    for (const bucket of buckets) {
      bucket.tokens = Math.min(bucket.rate.burst, bucket.tokens + ((now - bucket.at) / 1000) * bucket.rate.sustained);
      bucket.at = now;
    }
    if (buckets.some((bucket) => bucket.tokens < 1)) return false;
    for (const bucket of buckets) bucket.tokens -= 1;
    return true;
  }

  #bucketsOf(call: string): readonly Bucket[] {
    const known = this.#buckets.get(call);
    if (known !== undefined) return known;
    const own = [{ rate: assumedRate, tokens: assumedRate.burst, at: this.#now() }];
    this.#buckets.set(call, own);
    return own;
  }
}

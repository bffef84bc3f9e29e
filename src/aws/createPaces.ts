import type { Context } from '../lib/Context.ts';
import type { PaceStart } from '../lib/learnPace.ts';
import { type PacedCalls, paceCalls, type Turn } from '../lib/paceCalls.ts';
import { isThrottle, mayPass } from './awsErrors.ts';

const ATTEMPTS = 3;

/** Nobody waits for it, and nobody's is more urgent. */
export const inTheBackground: Turn = { user: '', urgency: 'whenever', until: Number.POSITIVE_INFINITY };

/** One of AWS's buckets whose calls are few a second, and the calls that draw on it. */
type PacedBucket = Readonly<{
  /**
   * Makes a call in its turn; what fails without a refusal is tried again, in another turn.
   * @param call one attempt: by a client that doesn't repeat it
   * @throws NoTurnError, and what the last attempt throws
   */
  send<T>(call: () => Promise<T>, turn: Turn): Promise<T>;
  expect: PacedCalls['expect'];
}>;

export type Paces = Readonly<{
  createAccessPoint: PacedBucket;
  deleteAccessPoint: PacedBucket;
  /** RegisterTaskDefinition and DeregisterTaskDefinition. */
  taskDefinitions: PacedBucket;
  deleteTaskDefinitions: PacedBucket;
  /** What there is of CloudWatch Logs: AWS takes 15 to 25 a second of each call, from all in the account. */
  logs: PacedBucket;
  /** Starts and stops, each of which takes a few calls of RunTask, DescribeTasks and ListTasks. */
  operations: PacedCalls;
  /** Whoever waits is told that there is no turn. */
  close(): void;
}>;

/**
 * The buckets that are scarce: about one call a second for the whole account, published (ECS) or measured by others
 * (EFS). Where more comes through, or less, that is learned.
 */
export function createPaces({ clock, random, timings }: Context, throttles: () => number): Paces {
  // What an operation throws is the domain's: that of a throttle too, and whoever asked is told.
  // AWS's published 20 of RunTask a second are the most; looks at tasks, of which each takes two or three, are learned.
  const operations = paceCalls(
    { perSecond: 6, burst: 20, most: 20 },
    { clock, random, isThrottle: () => false, throttles },
  );
  const all: PacedCalls[] = [operations];

  function bucket(start: PaceStart): PacedBucket {
    const calls = paceCalls(start, { clock, random, isThrottle });
    all.push(calls);
    return {
      expect: calls.expect,
      send: async (call, turn) => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await calls.run(call, turn);
          } catch (error) {
            if (attempt === ATTEMPTS || !mayPass(error)) throw error;
            await clock.sleep(random() * timings.longestTurnBreatherMs);
          }
        }
      },
    };
  }

  return {
    createAccessPoint: bucket({ perSecond: 5, burst: 5 }),
    deleteAccessPoint: bucket({ perSecond: 5, burst: 5 }),
    taskDefinitions: bucket({ perSecond: 20, burst: 20 }),
    deleteTaskDefinitions: bucket({ perSecond: 5, burst: 5 }),
    logs: bucket({ perSecond: 10, burst: 10, most: 10 }),
    operations,
    close: () => {
      for (const calls of all) calls.close();
    },
  };
}

import type { CallBudget } from './CallBudget.ts';
import type { Clock } from './clock.ts';

/** The part of the budget that background work has however much others want. */
const SHARE = 1 / 4;
/** It leaves a token for those who are in a hurry. */
const TO_SPARE = 2;

/** Where calls come from that count against a budget. */
export type CountedCalls = Readonly<{
  /** Before a call. */
  take(): void | Promise<void>;
  /** For a call that was made. */
  spend(): void;
}>;

export type PatientCalls = CountedCalls & Readonly<{ close(): void }>;

/** For calls that nobody waits for: one after the other, when the budget has some to spare or their share comes up. */
export function createPatientCalls(budget: CallBudget, clock: Clock): PatientCalls {
  const everyMs = 1_000 / (budget.perSecond * SHARE);
  const closing = new AbortController();
  let shareAt = Number.NEGATIVE_INFINITY;
  let last = Promise.resolve();

  async function turn(): Promise<void> {
    for (;;) {
      const shareInMs = shareAt - clock.monotonic();
      const wait = Math.min(budget.wait(Math.min(TO_SPARE, budget.perSecond)), shareInMs);
      if (wait <= 0 || closing.signal.aborted) break;
      await clock.sleep(wait, closing.signal).catch(() => undefined);
    }
    spend();
  }

  function spend(): void {
    shareAt = clock.monotonic() + everyMs;
    budget.spend();
  }

  return {
    take: () => {
      last = last.then(turn);
      return last;
    },
    spend,
    /** What is under way comes to its end without waiting. */
    close: () => closing.abort(),
  };
}

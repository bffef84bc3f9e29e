import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answerParent, usage } from '../support/ipc.ts';

/** Loaded before a measured program: says what the process uses, and for how long its event loop was held up. */

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

export type Pauses = Readonly<{ p99Ms: number; longestMs: number }>;

answerParent({
  usage,
  collectGarbage: () => {
    globalThis.gc?.();
    return usage();
  },
  /** Pauses since the last time that this was asked. */
  pauses: (): Pauses => {
    const pauses = {
      p99Ms: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
      longestMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS),
    };
    delay.reset();
    return pauses;
  },
});

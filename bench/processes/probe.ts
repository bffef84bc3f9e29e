import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { answerParent, usage } from '../support/ipc.ts';

/** Loaded before a measured program: says what the process uses, and for how long its event loop was held up. */

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

export type Pauses = Readonly<{
  p99Ms: number;
  longestMs: number;
  /** The most CPU, of all threads, that was used from one turn of the event loop to the next: others on the machine don't show. */
  busiestMs: number;
}>;

let busiest = 0;
let used = process.cpuUsage();
setInterval(() => {
  const now = process.cpuUsage();
  busiest = Math.max(busiest, now.user + now.system - used.user - used.system);
  used = now;
}, RESOLUTION_MS).unref();

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
      busiestMs: busiest / 1e3,
    };
    delay.reset();
    busiest = 0;
    return pauses;
  },
});

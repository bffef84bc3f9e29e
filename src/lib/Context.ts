import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Timings } from './timings.ts';

/** What nearly everything takes from outside, so that tests control it. */
export type Context = Readonly<{
  clock: Clock;
  timings: Timings;
  /** From 0 to 1. */
  random: () => number;
  logger: Logger;
}>;

import { pino } from 'pino';
import type { Context } from '../../src/lib/Context.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { defaultTimings } from '../../src/lib/timings.ts';

/** What a test doesn't care about, as it is in production, and silent. */
export function testContext(changes: Partial<Context> = {}): Context {
  const logger = pino({ level: 'silent' });
  return { clock: systemClock, timings: defaultTimings, random: Math.random, logger, ...changes };
}

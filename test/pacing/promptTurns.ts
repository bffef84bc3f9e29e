import { defaultTimings, type Timings } from '../../src/lib/timings.ts';
import { PATIENCE_MS } from '../support/eventually.ts';

/** A turn has to come as soon as in production; what is done after it may take a busy machine as long as it likes. */
export const promptTurns: Partial<Timings> = {
  answerWithinMs: PATIENCE_MS + defaultTimings.answerWithinMs - defaultTimings.afterItsTurnMs,
  afterItsTurnMs: PATIENCE_MS,
};

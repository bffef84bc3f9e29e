import type { Call } from '../schemas/Call.ts';
import { consoleCalls } from '../schemas/console.ts';
import { documentCalls } from '../schemas/documents.ts';
import { feedCalls } from '../schemas/feed.ts';
import { healthCalls } from '../schemas/health.ts';
import { limitsCalls } from '../schemas/limits.ts';
import { meCalls } from '../schemas/me.ts';
import { profileCalls } from '../schemas/profiles.ts';
import { workbenchCalls } from '../schemas/workbenchCalls.ts';

/** All that the API can be asked. */
export const calls: readonly Call[] = [
  ...workbenchCalls,
  ...feedCalls,
  ...profileCalls,
  ...limitsCalls,
  ...meCalls,
  ...healthCalls,
  ...documentCalls,
  ...consoleCalls,
];

import process from 'node:process';
import { pino } from 'pino';
import { startLocalCloud } from '../../src/localcloud/LocalCloud.ts';
import { createIdleRuntime } from '../../src/localcloud/runtime/idleRuntime.ts';
import { defaultTiming, type Timing } from '../../src/localcloud/timing.ts';
import { answerParent } from '../support/ipc.ts';

/** The local cloud in a process of its own, with tasks that are no processes: thousands cost nothing. */
const cloud = await startLocalCloud({
  dir: process.env['BENCH_DIR'] ?? '',
  port: 0,
  timing: defaultTiming,
  runtime: createIdleRuntime(),
  logger: pino({ level: 'error' }),
});

answerParent({
  describe: () => ({
    url: cloud.url,
    region: cloud.region,
    cluster: cloud.cluster,
    fileSystemId: cloud.fileSystemId,
    subnets: cloud.subnets,
  }),
  calls: () => cloud.calls(),
  clearCalls: () => cloud.clearCalls(),
  timing: (changes: Partial<Timing>) => cloud.changeTiming(changes),
});

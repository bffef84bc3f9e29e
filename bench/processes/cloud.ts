import { join } from 'node:path';
import process from 'node:process';
import { startLocalCloud } from '@workbench/local-cloud';
import { createIdleRuntime } from '@workbench/local-cloud/idle-runtime';
import { createRuntime } from '@workbench/local-cloud/runtime';
import { defaultTiming, type Timing } from '@workbench/local-cloud/timing';
import { pino } from 'pino';
import { answerParent } from '../support/ipc.ts';

/** The local cloud in a process of its own; mostly with tasks that are no processes: thousands cost nothing. */
const dir = process.env['BENCH_DIR'] ?? '';
const logger = pino({ level: 'error' });
const cloud = await startLocalCloud({
  dir,
  port: 0,
  timing: defaultTiming,
  runtime:
    process.env['BENCH_TASKS'] === 'processes'
      ? await createRuntime('process', { dir: join(dir, 'runtime'), nodePath: process.execPath, logger })
      : createIdleRuntime(),
  logger,
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

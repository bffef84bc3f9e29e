import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { startLocalCloud } from '../../src/localcloud/LocalCloud.ts';
import { createProcessRuntime } from '../../src/localcloud/runtime/createProcessRuntime.ts';
import { createIdleRuntime } from '../../src/localcloud/runtime/idleRuntime.ts';
import { defaultTiming, type Timing } from '../../src/localcloud/timing.ts';
import { answerParent } from '../support/ipc.ts';

/** As it was written: what is built here lacks the page that it shows. */
const workbenchScript = fileURLToPath(new URL('../../../../src/localcloud/webWorkbench/server.js', import.meta.url));
/** The local cloud in a process of its own; mostly with tasks that are no processes: thousands cost nothing. */
const dir = process.env['BENCH_DIR'] ?? '';
const logger = pino({ level: 'error' });
const cloud = await startLocalCloud({
  dir,
  port: 0,
  timing: defaultTiming,
  runtime:
    process.env['BENCH_TASKS'] === 'processes'
      ? createProcessRuntime({ dir: join(dir, 'runtime'), nodePath: process.execPath, workbenchScript, logger })
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

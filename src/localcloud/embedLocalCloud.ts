import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { type LocalCloud, startLocalCloud } from './LocalCloud.ts';
import { createProcessRuntime } from './runtime/createProcessRuntime.ts';
import { defaultTiming } from './timing.ts';

/** The local cloud as it runs by default: real processes, and our own web page as the workbench. */
export async function embedLocalCloud(
  options: Readonly<{ dir: string; port: number; region: string | undefined; nodePath: string; logger: Logger }>,
): Promise<LocalCloud> {
  const { dir, port, region, nodePath, logger } = options;
  const runtime = createProcessRuntime({
    dir: join(dir, 'runtime'),
    logger,
    nodePath,
    workbenchScript: fileURLToPath(new URL('./webWorkbench/server.js', import.meta.url)),
  });
  return await startLocalCloud({ dir, port, ...(region ? { region } : {}), timing: defaultTiming, runtime, logger });
}

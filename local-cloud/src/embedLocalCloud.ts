import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from './LocalCloud.ts';
import type { Logger } from './Logger.ts';
import { createRuntime, type RuntimeName } from './runtime/createRuntime.ts';
import { defaultTiming } from './timing.ts';

export type EmbeddedOptions = Readonly<{
  dir: string;
  port: number;
  region: string | undefined;
  /** Processes with our own web page as the workbench, or containers. */
  runtime: RuntimeName;
  nodePath: string;
  logger: Logger;
}>;

/** The local cloud as a controller starts it for itself. @throws RuntimeUnavailableError */
export async function embedLocalCloud(options: EmbeddedOptions): Promise<LocalCloud> {
  const { dir, port, region, nodePath, logger } = options;
  const runtime = await createRuntime(options.runtime, { dir: join(dir, 'runtime'), nodePath, logger });
  return await startLocalCloud({ dir, port, ...(region ? { region } : {}), timing: defaultTiming, runtime, logger });
}

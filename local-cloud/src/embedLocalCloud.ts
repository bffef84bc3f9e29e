import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from './LocalCloud.ts';
import type { Logger } from './Logger.ts';
import { localDefaults } from './localDefaults.ts';
import { createRuntime, type RuntimeName } from './runtime/createRuntime.ts';
import { defaultTiming } from './timing.ts';

export type EmbeddedOptions = Readonly<{
  dir: string;
  port: number;
  region: string | undefined;
  /** Beside the default one. */
  logGroup: string | undefined;
  /** Processes with our own web page as the workbench, or containers. */
  runtime: RuntimeName;
  nodePath: string;
  logger: Logger;
}>;

/** The local cloud as a controller starts it for itself. @throws RuntimeUnavailableError */
export async function embedLocalCloud(options: EmbeddedOptions): Promise<LocalCloud> {
  const { dir, port, region, logGroup, nodePath, logger } = options;
  const runtime = await createRuntime(options.runtime, { dir: join(dir, 'runtime'), nodePath, logger });
  const logGroups = [localDefaults.logGroup, ...(logGroup ? [logGroup] : [])];
  const given = { dir, port, logGroups, ...(region ? { region } : {}) };
  return await startLocalCloud({ ...given, timing: defaultTiming, runtime, logger });
}

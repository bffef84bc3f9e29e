import { fileURLToPath } from 'node:url';
import type { Logger } from '../Logger.ts';
import type { ContainerRuntime } from './ContainerRuntime.ts';
import { createProcessRuntime } from './createProcessRuntime.ts';

/** What WB_LOCAL_RUNTIME can be. */
export const runtimeNames = ['process', 'docker'] as const;

export type RuntimeName = (typeof runtimeNames)[number];

/** @param dir where the runtime keeps what it needs beside the tasks' own files */
export async function createRuntime(
  name: RuntimeName,
  { dir, nodePath, logger }: Readonly<{ dir: string; nodePath: string; logger: Logger }>,
): Promise<ContainerRuntime> {
  if (name === 'docker') {
    // Only who wants containers waits for their client to load.
    const { createDockerRuntime } = await import('./createDockerRuntime.ts');
    return createDockerRuntime({ dir, logger });
  }
  const workbenchScript = fileURLToPath(new URL('../../webWorkbench/server.js', import.meta.url));
  return createProcessRuntime({ dir, logger, nodePath, workbenchScript });
}

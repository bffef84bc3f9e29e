import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ContainerExit,
  ContainerRuntime,
  ContainerSpec,
  RunningContainer,
} from '@workbench/local-cloud/container-runtime';
import { purgeCommand } from '../../src/aws/taskDefinition.ts';

/** What a purge does: empties the folder, leaves half of it and fails, or never ends by itself. */
type PurgeScript = 'empties' | 'fails' | 'hangs';

export type ScriptedRuntime = ContainerRuntime &
  Readonly<{
    /** Decides on each purge as it starts. */
    scriptPurges(script: (family: string, attempt: number) => PurgeScript): void;
    /** Ends a task's container as if its process had ended. @returns false if it isn't running */
    exit(taskId: string, exit?: ContainerExit): boolean;
  }>;

/**
 * Containers that are no processes. A workbench's writes a file into its storage when it starts, once; a purge works on
 * the folder that it mounts, as the real command would.
 */
export function createScriptedRuntime(): ScriptedRuntime {
  const endings = new Map<string, (exit: ContainerExit) => void>();
  const attempts = new Map<string, number>();
  let script: (family: string, attempt: number) => PurgeScript = () => 'empties';

  function purge({ family, mounts }: ContainerSpec): ContainerExit | undefined {
    const attempt = (attempts.get(family) ?? 0) + 1;
    attempts.set(family, attempt);
    const folder = mounts[0]?.source ?? '';
    const what = script(family, attempt);
    if (what === 'hangs') return undefined;
    const names = readdirSync(folder).sort();
    const doomed = what === 'empties' ? names : names.slice(0, Math.floor(names.length / 2));
    for (const name of doomed) rmSync(join(folder, name), { recursive: true, force: true });
    return { exitCode: what === 'empties' ? 0 : 1, reason: undefined };
  }

  function boot({ mounts }: ContainerSpec): void {
    const [mount] = mounts;
    if (!mount || readdirSync(mount.source).length > 0) return;
    mkdirSync(join(mount.source, 'notes'));
    writeFileSync(join(mount.source, 'notes', 'first.txt'), 'written at the first start');
    writeFileSync(join(mount.source, 'settings.json'), '{}');
  }

  return {
    async open() {},
    async prepare() {},
    async start(spec): Promise<RunningContainer> {
      const exited = new Promise<ContainerExit>((resolve) => endings.set(spec.taskId, resolve));
      const end = (exit: ContainerExit): void => {
        endings.get(spec.taskId)?.(exit);
        endings.delete(spec.taskId);
      };
      if (spec.command.join() === purgeCommand.join()) {
        const exit = purge(spec);
        if (exit) end(exit);
      } else boot(spec);
      return {
        runtimeId: `${spec.taskId}-scripted`,
        // The discard port: nothing answers there.
        ports: spec.containerPorts.map((containerPort) => ({ containerPort, hostPort: 9 })),
        health: () => 'UNKNOWN',
        exited,
        stop: async () => end({ exitCode: 143, reason: undefined }),
      };
    },
    async close() {
      for (const [taskId, end] of endings) {
        endings.delete(taskId);
        end({ exitCode: 137, reason: undefined });
      }
    },
    scriptPurges(next) {
      script = next;
    },
    exit(taskId, exit = { exitCode: 1, reason: undefined }) {
      const end = endings.get(taskId);
      endings.delete(taskId);
      end?.(exit);
      return end !== undefined;
    },
  };
}

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ContainerExit,
  ContainerRuntime,
  ContainerSpec,
  RunningContainer,
} from '@workbench/local-cloud/container-runtime';

type Container = RunningContainer & Readonly<{ taskId: string; end(exit: ContainerExit): void }>;

/** What the files of one storage should be: path → content. */
type Files = Map<string, string>;

/**
 * Containers that only write files, and know what they should find: a workbench adds two each time it runs, a purge
 * removes all. What else happens to the files is a violation.
 */
export class ChaosRuntime implements ContainerRuntime {
  readonly violations: string[] = [];
  /** How the next purges behave; when empty, well. */
  readonly nextPurges: ('fail' | 'hang')[] = [];
  readonly #running = new Map<string, Container>();
  readonly #files = new Map<string, Files>();
  #starts = 0;

  async open(): Promise<void> {}

  async prepare(): Promise<void> {}

  async start(spec: ContainerSpec): Promise<RunningContainer> {
    const folder = spec.mounts[0]?.source ?? '';
    const container = this.#container(spec, folder);
    this.#running.set(spec.taskId, container);
    if (isPurge(spec)) this.#purge(container, folder);
    else this.#work(spec, folder);
    return container;
  }

  /** Ends a task's container from within. */
  exit(taskId: string, exit: ContainerExit): void {
    this.#running.get(taskId)?.end(exit);
  }

  async close(): Promise<void> {
    for (const container of this.#running.values()) container.end({ exitCode: 137, reason: undefined });
  }

  #container({ taskId, containerPorts, ...spec }: ContainerSpec, folder: string): Container {
    let settle: (exit: ContainerExit) => void = () => {};
    const exited = new Promise<ContainerExit>((resolve) => {
      settle = resolve;
    });
    const end = (exit: ContainerExit): void => {
      this.#running.delete(taskId);
      settle(exit);
    };
    return {
      taskId,
      runtimeId: taskId,
      ports: containerPorts.map((containerPort) => ({ containerPort, hostPort: 9 })),
      health: () => 'UNKNOWN',
      exited,
      end,
      stop: async () => {
        // The last thing that a workbench does is to save.
        if (!isPurge(spec) && this.#running.has(taskId)) this.#write(folder, 'last', `${taskId}\n`);
        end({ exitCode: 143, reason: undefined });
      },
    };
  }

  #work({ family }: ContainerSpec, folder: string): void {
    const expected = this.#files.get(folder) ?? new Map();
    const found = new Map(readTree(folder));
    const changed = [...new Set([...expected.keys(), ...found.keys()])].filter(
      (path) => expected.get(path) !== found.get(path),
    );
    if (changed.length > 0) this.violations.push(`the data of ${family} changed between two runs: ${changed}`);
    this.#starts += 1;
    this.#write(folder, join('runs', String(this.#starts)), 'a line of work\n');
  }

  #purge(container: Container, folder: string): void {
    const behaviour = this.nextPurges.shift();
    if (behaviour === 'hang') return;
    const entries = readdirSync(folder);
    for (const entry of behaviour === 'fail' ? entries.slice(1) : entries) {
      rmSync(join(folder, entry), { recursive: true, force: true });
    }
    this.#files.set(folder, new Map(readTree(folder)));
    setImmediate(() => container.end({ exitCode: behaviour === 'fail' ? 1 : 0, reason: undefined }));
  }

  #write(folder: string, path: string, content: string): void {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
    this.#files.set(folder, (this.#files.get(folder) ?? new Map<string, string>()).set(path, content));
  }
}

/** The controller's purge command, as ECS hands it on. */
function isPurge({ command }: Pick<ContainerSpec, 'command'>): boolean {
  return command.some((part) => part.includes('-delete'));
}

function readTree(folder: string): [path: string, content: string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    });
}

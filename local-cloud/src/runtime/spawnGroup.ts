import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerLog } from './ContainerRuntime.ts';

export type GroupOptions = Readonly<{
  argv: readonly string[];
  cwd: string;
  environment: Readonly<Record<string, string>>;
  /** An open file or the streams that takes the output; without one there is none. */
  output: number | ContainerLog | undefined;
}>;

export type ProcessGroup = Readonly<{
  pid: number;
  /**
   * The exit code of the first process, 128 + signal when it was signalled. By then the others have been killed, and
   * streams have all that they printed.
   */
  exited: Promise<number>;
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
}>;

/**
 * Runs the command beside a watchdog of the same process group. The watchdog waits for the end of a pipe whose other
 * end is ours alone, so that it comes to pass however we die; then it ends the whole group. It ignores SIGTERM, as
 * does its `sleep`, because it must live to send the SIGKILL. The command itself doesn't get the pipe.
 */
const launcher = `
(trap '' TERM INT HUP; read -r end <&3; kill -TERM 0; sleep 1; kill -KILL 0) </dev/null >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

/** How long what was printed may take to come through. */
const lingerMs = 2_000;

/** A process that leaves its group (setsid) escapes all of this; what a user runs in an IDE's terminal may. */
export async function spawnGroup({ argv, cwd, environment, output }: GroupOptions): Promise<ProcessGroup> {
  const stream = typeof output === 'object' ? 'pipe' : (output ?? 'ignore');
  const child = spawn('/bin/sh', ['-c', launcher, 'sh', ...argv], {
    cwd,
    env: environment,
    detached: true,
    stdio: ['ignore', stream, stream, 'pipe'],
  });
  const exited = exitOf(child);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('The process has no id');
  const printed = typeof output === 'object' ? collect(child, output) : undefined;
  const lifeline = child.stdio[3] as Readable;
  lifeline.on('error', () => {});

  const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
    try {
      process.kill(-pid, name);
    } catch (error) {
      // Nobody left to signal; macOS says EPERM where only zombies are left.
      if (!isErrno(error, 'ESRCH') && !isErrno(error, 'EPERM')) throw error;
    }
  };

  let ended = false;
  return {
    pid,
    exited: exited.then(async (exitCode) => {
      // The watchdog still holds the group's number, so this can't hit anybody else's.
      signal('SIGKILL');
      ended = true;
      lifeline.destroy();
      await printed?.();
      return exitCode;
    }),
    signal: (name) => {
      if (!ended) signal(name);
    },
  };
}

/** @returns waits for the rest, once nobody is left to print; but not for whoever left the group with the pipes */
function collect(child: ChildProcess, output: ContainerLog): () => Promise<unknown> {
  const streams: Readable[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    if (!stream) continue;
    stream.on('error', () => {});
    stream.pipe(output[name], { end: false });
    streams.push(stream);
  }
  const ends = streams.map((stream) => new Promise<void>((resolve) => stream.once('close', resolve)));
  return async () => {
    const waiting = new AbortController();
    await Promise.race([Promise.all(ends), delay(lingerMs, undefined, { signal: waiting.signal }).catch(() => {})]);
    waiting.abort();
    for (const stream of streams) stream.destroy();
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

function isErrno(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimesSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { eventually, PATIENCE_MS } from '../../support/eventually.ts';
import { livingIn } from './processGroups.ts';

export const checkout = fileURLToPath(new URL('../../../', import.meta.url));

type LogLine = Readonly<Record<string, unknown>>;
type Exit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>;

export type Server = Readonly<{
  pid: number;
  /** What it printed so far. */
  stdout(): string;
  stderr(): string;
  /** The lines of its log with this message. */
  logged(message: string): readonly LogLine[];
  exited: Promise<Exit>;
  /** Nobody reads what it prints any more. */
  stopReading(): void;
  /** To the process that server.sh became. */
  signal(signal: NodeJS.Signals): void;
  /** To the process group, as a terminal does on Ctrl-C. */
  interrupt(): void;
  /** Those of its tasks' processes, and of its own, that live. */
  living(): Promise<readonly number[]>;
}>;

export type ReadyServer = Server & Readonly<{ url: string }>;

const begun = new Set<Server>();
const folders = new Set<string>();

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'workbench-e2e-'));
  folders.add(folder);
  return folder;
}

/** For afterEach or afterAll: nothing that was started here outlives the test. */
export async function stopEverything(): Promise<void> {
  for (const server of begun) server.signal('SIGTERM');
  for (const server of begun) {
    const kill = setTimeout(() => server.signal('SIGKILL'), PATIENCE_MS);
    await server.exited;
    clearTimeout(kill);
  }
  begun.clear();
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.clear();
}

/** Runs `./server.sh` of this checkout as a shell would, in a folder with no `.env`. */
export function runServer(
  cwd: string,
  environment: Readonly<Record<string, string>>,
  parameters: readonly string[] = [],
): Server {
  // An install would take the modules from under this very process, which runs on them.
  utimesSync(join(checkout, 'node_modules/.package-lock.json'), new Date(), new Date());
  return track(
    spawn(join(checkout, 'server.sh'), parameters, {
      cwd,
      env: { ...surroundings(), HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'debug', ...environment },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** The same, until it says that it is ready. */
export async function startServer(
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ReadyServer> {
  const server = runServer(cwd, environment);
  const ready = await printed(server, () => server.logged('ready')[0]);
  return { ...server, url: String(ready['url']).replace(/\/workbenches$/, '') };
}

/** `npm run local-cloud` until it says where it is. */
export async function startLocalCloud(cwd: string, dir: string): Promise<ReadyServer> {
  const command = ['run', '--silent', 'local-cloud', '--', '--port', '0', '--dir', dir];
  const server = track(
    spawn('npm', ['--prefix', checkout, ...command], {
      cwd,
      env: { ...surroundings(), LOG_LEVEL: 'debug' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const at = /^The local cloud is at (http\S+),/m;
  const found = await printed(server, () => at.exec(server.stdout()) ?? undefined);
  return { ...server, url: found[1] ?? '' };
}

/** @throws Error with all that it printed if it ends without */
export async function printed<T>(server: Server, find: () => T | undefined): Promise<T> {
  const ended = server.exited.then(() => 'ended');
  const look = async () => {
    const over = (await Promise.race([ended, undefined])) === 'ended';
    const found = find();
    if (over && found === undefined) throw new Error(`It has ended:\n${server.stdout()}\n${server.stderr()}`);
    return found;
  };
  return (await eventually(look, (found) => found !== undefined)) as T;
}

/** Without Jest's own settings, and without a user's that would change what is tested. */
function surroundings(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'npm_config_cache'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function track(child: ChildProcess): Server {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const pid = child.pid ?? 0;
  const logged = (message: string): LogLine[] =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine)
      .filter((line) => line['msg'] === message);
  const send = (to: number, signal: NodeJS.Signals): void => {
    try {
      process.kill(to, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const server: Server = {
    pid,
    stdout: () => stdout,
    stderr: () => stderr,
    logged,
    exited: once(child, 'close').then(([code, signal]) => ({ code, signal }) as Exit),
    stopReading: () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    signal: (signal) => send(pid, signal),
    interrupt: () => send(-pid, 'SIGINT'),
    living: () => livingIn([pid, ...logged('process started').map((line) => Number(line['pid']))]),
  };
  begun.add(server);
  return server;
}

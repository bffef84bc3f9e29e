import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.ts';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: an answer is JSON, and each test says what it expects of it
type Answer = any;

export type Server = Readonly<{
  /** What it has logged so far. */
  log(): string;
  call(method: string, path: string, body?: object): Promise<Answer>;
  /** The workbench's item, once it has this status. */
  untilStatus(id: string, status: string): Promise<Answer>;
  kill(signal: NodeJS.Signals): Promise<void>;
}>;

/** `./server.sh` as a user starts it, in a folder of its own, with its tasks as containers. */
export async function startServer(folder: string, environment: Readonly<Record<string, string>>): Promise<Server> {
  const { PATH, HOME, DOCKER_HOST, NODE_EXTRA_CA_CERTS } = process.env;
  const machine = Object.fromEntries(
    Object.entries({ PATH, HOME, DOCKER_HOST, NODE_EXTRA_CA_CERTS }).filter(([, value]) => value !== undefined),
  );
  const child = spawn(`${repository}/server.sh`, {
    cwd: folder,
    env: {
      ...machine,
      PORT: '0',
      WB_LOCAL_RUNTIME: 'docker',
      WB_LOCAL_DIR: folder,
      LOG_LEVEL: 'debug',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const keep = (chunk: unknown): void => {
    log += String(chunk);
  };
  child.stderr.on('data', keep);
  child.stdout.on('data', keep);
  const url = await addressOf(child, () => log);

  async function call(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${url}${path}?user_id=ada`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    return await response.json();
  }

  return {
    log: () => log,
    call,
    untilStatus: async (id, status) => {
      const ask = async (): Promise<Answer> => (await call('GET', `/${id}`)).item;
      return await eventually(ask, (item) => item?.status === status);
    },
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
  };
}

/** @throws Error with the log if it ends instead of listening */
async function addressOf(child: ChildProcess, log: () => string): Promise<string> {
  if (child.stdout === null) throw new Error('The log is not to be read');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const { msg, url }: { msg?: string; url?: string } = line.startsWith('{') ? JSON.parse(line) : {};
    if (msg === 'ready' && url !== undefined) return url;
  }
  throw new Error(`The server did not start:\n${log()}`);
}

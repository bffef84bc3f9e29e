import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../../webWorkbench/server.js', import.meta.url));

export interface WebWorkbench {
  readonly child: ChildProcess;
  readonly port: number;
  /** With the base path and a trailing slash. */
  readonly url: string;
  readonly workspace: string;
  call(method: string, route: string, options?: CallOptions): Promise<Response>;
  stop(): Promise<void>;
}

interface CallOptions {
  readonly path?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

/** Starts the web workbench as the local cloud does, over a new folder unless `WORKSPACE_PATH` names one. */
export async function startWebWorkbench(environment: Record<string, string> = {}): Promise<WebWorkbench> {
  const temporary = await mkdtemp(join(tmpdir(), 'web-workbench-'));
  const workspace = environment['WORKSPACE_PATH'] ?? temporary;
  const child = spawn(process.execPath, [SERVER], {
    env: { HOST: '127.0.0.1', PORT: '0', WORKSPACE_PATH: workspace, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { listening } = JSON.parse(line) as { listening: { port: number; basePath: string } };
  const url = `http://127.0.0.1:${listening.port}${listening.basePath}`;
  return {
    child,
    port: listening.port,
    url,
    workspace,
    call: (method, route, { path, body, headers } = {}) => {
      const query = path === undefined ? '' : `?path=${encodeURIComponent(path)}`;
      return fetch(`${url}${route}${query}`, {
        method,
        headers: headers ?? {},
        body: body ?? null,
        redirect: 'manual',
      });
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }
      await rm(temporary, { recursive: true, force: true });
    },
  };
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from './Child.ts';

type Used = Readonly<{ cpuMs: number; rssBytes: number }>;

/** What stands between the load and the upstream, or nothing. */
export type ProxyProcess = Readonly<{
  name: string;
  port: number;
  usage(): Promise<Used>;
  settled(): Promise<Used>;
  end(): Promise<void>;
}>;

export type NodeProxy = ProxyProcess & Readonly<{ /** As a machine that goes. */ kill(): Promise<void> }>;

const MILLISECONDS_PER_TICK = 10;
const PAGE_BYTES = 4096;

export async function nodeProxy(
  name: string,
  program: string,
  upstream: number,
  nodeOptions: readonly string[] = [],
): Promise<NodeProxy> {
  const child = new Child(program, { environment: { BENCH_UPSTREAM: String(upstream) }, nodeOptions });
  return {
    name,
    port: await child.ask<number>('port'),
    usage: async () => await child.usage(),
    settled: async () => await child.ask<Used>('collectGarbage'),
    end: async () => await child.end(),
    kill: async () => await child.kill(),
  };
}

/** HAProxy with one thread, if it is installed and the kernel tells what it uses. */
export async function haproxy(upstream: number): Promise<ProxyProcess | undefined> {
  if (process.platform !== 'linux' || spawnSync('haproxy', ['-v']).status !== 0) return undefined;
  const port = await freePort();
  const file = join(tmpdir(), `workbench-bench-${process.pid}-${port}.cfg`);
  writeFileSync(
    file,
    `global\n  nbthread 1\n  maxconn 6000\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 600s\n  timeout server 600s\n` +
      `  timeout tunnel 600s\n  option forwardfor\n  http-reuse always\nfrontend f\n  bind 127.0.0.1:${port}\n  default_backend b\n` +
      `backend b\n  server s 127.0.0.1:${upstream}\n`,
  );
  const server: ChildProcess = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  process.once('exit', () => server.kill('SIGKILL'));
  await listens(port);
  return {
    name: 'HAProxy',
    port,
    usage: async () => fromKernel(server.pid ?? 0),
    settled: async () => fromKernel(server.pid ?? 0),
    end: async () => {
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

export async function listens(port: number): Promise<void> {
  for (let left = 100; ; left--) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    if (left === 0) throw new Error(`Nothing listens on ${port}`);
    await delay(50);
  }
}

function fromKernel(pid: number): Used {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const at = (field: number) => Number(fields[field - 3]);
  return { cpuMs: (at(14) + at(15)) * MILLISECONDS_PER_TICK, rssBytes: at(24) * PAGE_BYTES };
}

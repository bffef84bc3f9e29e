import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answerParent } from '../support/ipc.ts';
import { quantile } from '../support/statistics.ts';

/** Ten megabytes at a time, and messages over websockets. */

export type Transfers = Readonly<{
  port: number;
  path: string;
  method: 'GET' | 'POST';
  times: number;
  parallel: number;
}>;
export type Echoes = Readonly<{ port: number; path: string; sockets: number; milliseconds: number; everyMs?: number }>;
export type EchoResult = Readonly<{ perSecond: number; p99Ms: number }>;

const TEN_MEGABYTES = Buffer.alloc(10_000_000, 'x');
const MESSAGE = Buffer.alloc(100, 'x');
const held: WebSocket[] = [];
const idle: Socket[] = [];

/** @returns megabytes a second */
async function transfers({ port, path, method, times, parallel }: Transfers): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  let left = times;
  const work = async () => {
    while (left-- > 0) {
      const outgoing = request({ port, path, method, agent, host: '127.0.0.1' });
      outgoing.end(method === 'POST' ? TEN_MEGABYTES : undefined);
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      await once(answer, 'end');
      if (answer.statusCode !== 200 || (method === 'GET' && bytes !== TEN_MEGABYTES.length)) {
        throw new Error(`${answer.statusCode}, ${bytes} bytes`);
      }
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: parallel }, work));
  agent.destroy();
  return (times * 10) / ((performance.now() - startedAt) / 1000);
}

async function open(port: number, path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false });
  await once(socket, 'open');
  return socket;
}

/** One message at a time on each socket: the next at once, or at its time. */
async function echoes({ port, path, sockets, milliseconds, everyMs }: Echoes): Promise<EchoResult> {
  const open_ = await Promise.all(Array.from({ length: sockets }, () => open(port, path)));
  const latencies: number[] = [];
  let going = true;
  const startedAt = performance.now();
  await Promise.all(
    open_.map(async (socket, index) => {
      if (everyMs) await delay((index / sockets) * everyMs);
      while (going) {
        const sentAt = performance.now();
        const answered = once(socket, 'message');
        socket.send(MESSAGE);
        await answered;
        latencies.push(performance.now() - sentAt);
        if (performance.now() - startedAt > milliseconds) going = false;
        if (everyMs) await delay(Math.max(0, everyMs - (performance.now() - sentAt)));
      }
    }),
  );
  const elapsed = performance.now() - startedAt;
  for (const socket of open_) socket.terminate();
  return { perSecond: latencies.length / (elapsed / 1000), p99Ms: quantile(latencies, 0.99) };
}

async function hold({ port, path, sockets }: Echoes): Promise<void> {
  while (held.length < sockets) held.push(...(await Promise.all(Array.from({ length: 50 }, () => open(port, path)))));
}

/** Connections that have had one answer, and idle. */
async function holdIdle({ port, path, sockets }: Echoes): Promise<void> {
  const one = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    idle.push(socket);
  };
  while (idle.length < sockets) await Promise.all(Array.from({ length: 50 }, one));
}

function drop(): void {
  for (const socket of held.splice(0)) socket.terminate();
  for (const socket of idle.splice(0)) socket.destroy();
}

answerParent({ transfers, echoes, hold, holdIdle, drop });

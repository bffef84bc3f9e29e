import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answerParent } from '../support/ipc.ts';
import { requestBytes } from '../support/RawConnection.ts';
import type { Target } from './closedLoad.ts';

/** Holds event streams open, and notes when each hears of a change. */

export type HeardOfChange = Readonly<{ heard: number; firstAt: number; lastAt: number }>;

/** As many connections are being opened at a time: fewer than any backlog. */
const OPENING = 64;
const PATIENCE_MS = 15_000;

type Stream = { readonly socket: Socket; readonly path: string; heardAt: number | undefined };

const streams: Stream[] = [];

/** @returns milliseconds until each stream has had its first event */
async function open(targets: readonly Target[]): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let target = targets[next++]; target; target = targets[next++]) await openOne(target);
  };
  await Promise.all(Array.from({ length: OPENING }, work));
  return performance.now() - startedAt;
}

async function openOne({ path, headers }: Target): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port: Number(headers['X-Port']), host: '127.0.0.1' });
    const stream: Stream = { socket, path, heardAt: undefined };
    streams.push(stream);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      if (!chunk.includes('data: ')) {
        if (chunk.includes('HTTP/1.1 ') && !chunk.includes(' 200 ')) reject(new Error(chunk.toString('latin1')));
        return;
      }
      stream.heardAt = Date.now();
      resolve();
    });
    socket.write(requestBytes(path, headers));
  });
}

/** What the streams of this path have heard since that time; waits until all have. */
async function heard({ path, since }: { path: string; since: number }): Promise<HeardOfChange> {
  const concerned = streams.filter((stream) => stream.path === path);
  const deadline = Date.now() + PATIENCE_MS;
  const times = () => concerned.flatMap(({ heardAt = 0 }) => (heardAt >= since ? heardAt : []));
  while (times().length < concerned.length && Date.now() < deadline) await delay(5);
  return { heard: times().length, firstAt: Math.min(...times()), lastAt: Math.max(...times()) };
}

answerParent({
  open,
  heard,
  close: () => {
    for (const { socket } of streams.splice(0)) socket.destroy();
  },
});

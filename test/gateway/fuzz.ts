import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import process from 'node:process';
import { pino } from 'pino';
import { createGateway, type Gateway } from '../../src/gateway/createGateway.ts';
import { createServer as createControllerServer } from '../../src/http/createServer.ts';
import { eventually } from '../support/eventually.ts';
import { openTo } from '../support/openGateway.ts';
import { hostileAnswer, hostileRequest, pick, type Random, randomFrom } from './hostileRequest.ts';
import { StrictParser } from './strictParser.ts';

export type FuzzResult = Readonly<{
  inputs: number;
  /** Requests that the gateway took, and those that its task saw. */
  taken: number;
  seen: number;
  /** How the answers began. */
  statuses: Readonly<Record<string, number>>;
  faults: readonly string[];
  heapGrowthBytes: number;
}>;

const STRICT = '/project/0a1b2c3d4e5f60718';
const HOSTILE = '/project/0a1b2c3d4e5f60719';
const CLIENT_WAITS_MS = 2_000;
const MOST_FAULTS = 10;

/** Sends hostile inputs, each on a connection of its own, and holds what the task gets against what was taken. */
export async function fuzz(inputs: number, seed: number, parallel = 64): Promise<FuzzResult> {
  const random = randomFrom(seed);
  const faults: string[] = [];
  const fault = (text: string) => faults.length < MOST_FAULTS && faults.push(text);
  const crashed = (error: unknown) => fault(`crash: ${error instanceof Error ? error.stack : String(error)}`);
  process.on('uncaughtException', crashed).on('unhandledRejection', crashed);

  const taken = new Map<string, number>();
  const seen = new Map<string, number>();
  const statuses: Record<string, number> = {};
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  const strict = await listen(createServer((socket) => readStrictly(socket, (target) => count(seen, target), fault)));
  const hostile = await listen(createServer((socket) => answerBadly(socket, random)));
  const ports: Readonly<Record<string, number>> = { '8': portOf(strict), '9': portOf(hostile) };
  const gateway = createGateway({
    ...openTo(),
    resolve: async (id) => ({ kind: 'running', host: '127.0.0.1', port: ports[id.slice(-1)] ?? 0 }),
    logger: pino({ level: 'silent' }),
  });
  const noted: Gateway = {
    ...gateway,
    handle: (request, response) => {
      const ours = gateway.handle(request, response);
      if (ours) count(taken, pathOf(request.url));
      return ours;
    },
    upgrade: (request, socket, head) => {
      const ours = gateway.upgrade(request, socket, head);
      if (ours) count(taken, pathOf(request.url));
      return ours;
    },
  };
  const server = createControllerServer((_request, response) => response.writeHead(418).end(), noted);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  let next = 0;
  let heapAfterWarmUp = 0;
  const work = async () => {
    while (next < inputs && faults.length < MOST_FAULTS) {
      const serial = next++;
      if (serial === Math.floor(inputs / 5)) heapAfterWarmUp = heapUsed();
      const path = random() < 0.85 ? STRICT : HOSTILE;
      const status = await sendOne(portOf(server), hostileRequest(random, path, String(serial)), random);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));

  await settled(server, 'the server’s connections', fault);
  gateway.close();
  await settled(strict, 'the task’s connections', fault);
  const heapGrowthBytes = heapUsed() - heapAfterWarmUp;
  for (const [target, times] of seen) {
    if (times > (taken.get(target) ?? 0))
      fault(`the task saw ${target} ${times} times, taken ${taken.get(target) ?? 0}`);
  }
  for (const one of [server, strict, hostile]) one.close();
  process.off('uncaughtException', crashed).off('unhandledRejection', crashed);
  const total = (map: Map<string, number>) => [...map.values()].reduce((sum, times) => sum + times, 0);
  return { inputs: next, taken: total(taken), seen: total(seen), statuses, faults, heapGrowthBytes };
}

/** A task that answers each request properly, and reports each that it should not have got. */
function readStrictly(socket: Socket, onRequest: (target: string) => void, fault: (text: string) => void): void {
  const parser = new StrictParser();
  let reported = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    parser.read(chunk);
    if (parser.fault) {
      fault(parser.fault);
      socket.destroy();
      return;
    }
    for (; reported < parser.targets.length; reported++) {
      const target = parser.targets[reported] ?? '';
      onRequest(target);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
      socket.write('ok');
    }
  });
}

function answerBadly(socket: Socket, random: Random): void {
  socket.on('error', () => undefined);
  socket.on('data', () => {
    socket.write(hostileAnswer(random));
    const end = random();
    if (end < 0.5) socket.end();
    else if (end < 0.6) socket.resetAndDestroy();
    else setTimeout(() => socket.destroy(), 50);
  });
}

/** @returns the first three digits of the answer, or what there was instead */
async function sendOne(port: number, bytes: Buffer, random: Random): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const cut = Math.floor(random() * bytes.length);
  const leaving = random();
  socket.write(bytes.subarray(0, cut));
  setImmediate(() => {
    if (leaving < 0.05) socket.resetAndDestroy();
    else if (leaving < 0.6) socket.end(bytes.subarray(cut));
    else socket.write(bytes.subarray(cut));
  });
  const impatient = setTimeout(() => socket.destroy(), leaving < 0.6 ? CLIENT_WAITS_MS : pick(random, [100, 300, 900]));
  // Some leave as soon as they have anything.
  if (leaving > 0.6) socket.once('data', () => setImmediate(() => socket.destroy()));
  socket.once('end', () => socket.destroy());
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(impatient);
  return /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? (text === '' ? 'nothing' : 'other');
}

async function listen(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function settled(server: Server, what: string, fault: (text: string) => void): Promise<void> {
  const open = () => new Promise<number>((resolve) => server.getConnections((_error, number) => resolve(number)));
  await eventually(open, (number) => number === 0).catch((error) => fault(`${what}: ${error}`));
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Of a target in absolute form, the task sees the path. */
function pathOf(url = ''): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '');
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { pino } from 'pino';
import { createGateway, type Destination, type Gateway, type GatewayOptions } from '../../src/gateway/createGateway.ts';
import { type App, createServer as createControllerServer, type ServerLimits } from '../../src/http/createServer.ts';
import { openTo } from '../support/openGateway.ts';

export const workbenchId = '0a1b2c3d4e5f60718';
export const workbenchPath = `/project/${workbenchId}`;

const cleanups: (() => Promise<void>)[] = [];

/** For afterEach: ends all that the functions below have started. */
export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

/** Listens on a free port of loopback and counts its open sockets. */
export async function listening<S extends NetServer>(
  server: S,
  port = 0,
): Promise<{ server: S; port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  return { server, port: (server.address() as AddressInfo).port, sockets };
}

export const task = (handler: RequestListener) => listening(createServer(handler));

export interface Front {
  gateway: Gateway;
  server: Server;
  port: number;
  sockets: Set<Socket>;
  /** How often a destination was looked up. */
  lookUps: string[];
  /** Resolves with the first log line whose message contains the text. */
  logged: (text: string) => Promise<void>;
}

/** The controller's server with nothing but the gateway, before a task at a port or whatever else a workbench's destination is. */
export async function front(
  destination: number | (() => Destination | Promise<Destination>),
  options: Partial<GatewayOptions> = {},
  limits: Partial<ServerLimits> = {},
): Promise<Front> {
  const lookUps: string[] = [];
  const listeners: { text: string; heard: () => void }[] = [];
  const write = (line: string) => {
    for (const { text, heard } of listeners) if (line.includes(text)) heard();
  };
  const gateway = createGateway({
    ...openTo(),
    resolve: async (id) => {
      lookUps.push(id);
      return typeof destination === 'number'
        ? { kind: 'running', host: '127.0.0.1', port: destination }
        : destination();
    },
    logger: pino({ level: 'debug' }, { write }),
    ...options,
  });
  const other: App = (_incoming, response) => response.writeHead(418).end('not the gateway’s');
  const server = createControllerServer(other, gateway, limits);
  cleanups.push(async () => gateway.close());
  const logged = (text: string) => new Promise<void>((heard) => listeners.push({ text, heard }));
  return { gateway, lookUps, logged, ...(await listening(server)) };
}

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** One request on a connection of its own, its target sent as it stands. */
export async function send(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() };
}

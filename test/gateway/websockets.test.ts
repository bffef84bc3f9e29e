import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import WebSocket, { WebSocketServer } from 'ws';
import type { Destination } from '../../src/gateway/createGateway.ts';
import { enterAll } from '../support/openGateway.ts';
import { closeAll, front, listening, workbenchPath } from './servers.ts';

afterEach(closeAll);

async function websocketTask(onConnection: (socket: WebSocket, request: IncomingMessage) => void) {
  const started = await listening(createServer());
  new WebSocketServer({ server: started.server }).on('connection', onConnection);
  return started;
}

const open = (port: number, path = `${workbenchPath}/ws`, options: WebSocket.ClientOptions = {}) =>
  new WebSocket(`ws://127.0.0.1:${port}${path}`, options);

/** The answer to an opening that is refused. */
async function refusal(port: number, headers: Record<string, string> = {}, path = `${workbenchPath}/ws`) {
  const opening = request({
    host: '127.0.0.1',
    port,
    path,
    agent: false,
    headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', ...headers },
  });
  opening.end();
  const [answer] = (await once(opening, 'response')) as [IncomingMessage];
  const body = String(Buffer.concat(await answer.toArray()));
  return { status: answer.statusCode, headers: answer.headers, body };
}

describe('a websocket to a running workbench', () => {
  test('carries text and binary both ways, with path, query, subprotocol and host as they came', async () => {
    const { port } = await websocketTask((socket, incoming) => {
      socket.send(`${incoming.url} ${incoming.headers.host} ${incoming.headers['x-forwarded-prefix']}`);
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const { port: entry } = await front(port);
    const socket = open(entry, `${workbenchPath}/ws?token=1`, {
      protocol: 'terminal',
      headers: { Host: 'cloud.example' },
    } as never);
    const large = randomBytes(3 << 20);

    const [greeting] = await once(socket, 'message');
    socket.send('ping');
    const [text, textIsBinary] = await once(socket, 'message');
    socket.send(large);
    const [binary, isBinary] = await once(socket, 'message');
    socket.close();
    await once(socket, 'close');

    expect(String(greeting)).toBe(`${workbenchPath}/ws?token=1 cloud.example ${workbenchPath}`);
    expect([String(text), textIsBinary]).toEqual(['ping', false]);
    expect([large.equals(binary), isBinary]).toEqual([true, true]);
  });

  test('closes with the code and reason of whichever side closes', async () => {
    const closedByClient: Promise<unknown[]>[] = [];
    const { port } = await websocketTask((socket, incoming) => {
      if (incoming.url?.endsWith('/bye')) socket.close(4001, 'had enough');
      else closedByClient.push(once(socket, 'close'));
    });
    const { port: entry } = await front(port);

    const [code, reason] = await once(open(entry, `${workbenchPath}/bye`), 'close');
    const leaving = open(entry);
    await once(leaving, 'open');
    leaving.close(4002, 'leaving');
    await once(leaving, 'close');
    const [clientCode, clientReason] = (await closedByClient[0]) ?? [];

    expect([code, String(reason)]).toEqual([4001, 'had enough']);
    expect([clientCode, String(clientReason)]).toEqual([4002, 'leaving']);
  });

  test('ends on the other side when one side vanishes', async () => {
    const atTask: WebSocket[] = [];
    const { port } = await websocketTask((socket) => void atTask.push(socket.on('error', () => undefined)));
    const { port: entry } = await front(port);

    const vanishing = open(entry);
    await once(vanishing, 'open');
    vanishing.terminate();
    const [taskCode] = await once(atTask[0] as WebSocket, 'close');
    const staying = open(entry);
    await once(staying, 'open');
    atTask[1]?.terminate();
    const [clientCode] = await once(staying, 'close');

    expect([taskCode, clientCode]).toEqual([1006, 1006]);
  });

  test('that the task refuses shows the task’s own answer', async () => {
    const task = createServer().on('upgrade', (_incoming, socket) => {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\nX-Task: yes\r\n\r\nnope');
    });
    const { port } = await listening(task);
    const { port: entry } = await front(port);

    expect(await refusal(entry)).toMatchObject({ status: 401, body: 'nope', headers: { 'x-task': 'yes' } });
  });

  test('whose opening the task breaks off is answered with 502', async () => {
    const { port } = await listening(createTcpServer((socket) => socket.once('data', () => socket.destroy())));
    const { port: entry } = await front(port);

    const answer = await refusal(entry);

    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([502, 'workbench_broke_off']);
  });

  test('ends when the gateway closes, so that the server can close', async () => {
    const { port, sockets: taskSockets } = await websocketTask(() => undefined);
    const { gateway, server, port: entry } = await front(port);
    const socket = open(entry);
    await once(socket, 'open');
    const gone = once(socket, 'close');

    gateway.close();
    await new Promise((resolve) => server.close(resolve));
    await gone;

    await Promise.all([...taskSockets].map((open) => once(open, 'close')));
    expect(taskSockets.size).toBe(0);
  });

  test('that the client gives up while its task is looked up opens nothing at the task', async () => {
    const { port, server: task } = await websocketTask(() => undefined);
    let connections = 0;
    task.on('connection', () => {
      connections++;
    });
    let answer: (destination: Destination) => void = () => undefined;
    const {
      port: entry,
      server,
      lookUps,
    } = await front(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const client: Socket = connect(entry, '127.0.0.1');
    client.write(`GET ${workbenchPath}/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    const [, atFront] = (await once(server, 'upgrade')) as [IncomingMessage, Socket];
    client.resetAndDestroy();
    await new Promise((resolve) => atFront.once('close', resolve));
    answer({ kind: 'running', host: '127.0.0.1', port });
    await new Promise(setImmediate);
    const later = open(entry);
    await once(later, 'open');
    later.terminate();

    expect([lookUps.length, connections]).toEqual([1, 1]);
  });
});

test.each<[Destination, number, string]>([
  [{ kind: 'onTheWay', status: 'pending', name: 'n' }, 503, 'workbench_on_the_way'],
  [{ kind: 'stopped', name: 'n' }, 409, 'workbench_stopped'],
  [{ kind: 'goingDown', status: 'stopping', name: 'n' }, 409, 'workbench_going_down'],
  [{ kind: 'notFound' }, 404, 'not_found'],
  [{ kind: 'running', host: '127.0.0.1', port: 1 }, 503, 'workbench_on_the_way'],
])('a websocket to %j is refused with %d', async (destination, status, code) => {
  const { port } = await front(() => destination, { connectTimeoutMs: 50 });

  const answer = await refusal(port, { Accept: 'text/html' });

  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  expect(JSON.parse(answer.body)).toEqual({
    success: false,
    error: { code, message: expect.any(String), request_id: answer.headers['x-request-id'] },
  });
});

test('a websocket that may not pass, one to no workbench and another protocol are refused', async () => {
  const { port, lookUps } = await front(() => ({ kind: 'notFound' }), {
    decide: (visit) => (visit.cookie ? { kind: 'forbidden', rule: 'origin-foreign' } : enterAll(visit)),
  });

  expect((await refusal(port, { Cookie: 'far=yes' })).status).toBe(403);
  expect((await refusal(port, {}, '/project/nothing/ws')).status).toBe(404);
  expect((await refusal(port, { Upgrade: 'h2c' })).status).toBe(400);
  expect(lookUps).toEqual([]);
});

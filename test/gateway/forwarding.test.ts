import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Decision } from '../../src/access/entry/createDecide.ts';
import { enterAll } from '../support/openGateway.ts';
import { closeAll, front, listening, send, task, workbenchPath } from './servers.ts';

afterEach(closeAll);

describe('a request to a running workbench', () => {
  test('arrives with its method, unstripped path, query, headers and body, and its answer comes back', async () => {
    const { port } = await task(async (incoming, response) => {
      const body = Buffer.concat(await incoming.toArray()).toString();
      response.writeHead(207, { 'X-Task': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end([incoming.method, incoming.url, incoming.headers['x-mine'], body].join(' '));
    });
    const { port: entry } = await front(port);

    const answer = await send(entry, `${workbenchPath}/a/../b%2Fc?q=%20`, {
      method: 'PUT',
      headers: { 'X-Mine': 'm' },
      body: 'hello',
    });

    expect(answer).toMatchObject({ status: 207, body: `PUT ${workbenchPath}/a/../b%2Fc?q=%20 m hello` });
    expect(answer.headers).toMatchObject({ 'x-task': 'yes', 'set-cookie': ['a=1', 'b=2'] });
  });

  test('tells the task who asked for what, and loses what belongs to one connection', async () => {
    let seen: IncomingMessage['headers'] = {};
    const { port } = await task((incoming, response) => {
      seen = incoming.headers;
      response.end();
    });
    const { port: entry } = await front(port);

    await send(entry, `${workbenchPath}/`, {
      headers: {
        Host: 'cloud.example:8443',
        Authorization: 'Bearer t',
        'X-Forwarded-For': '10.1.1.1',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Prefix': '/forged',
        Connection: 'close, X-Secret',
        'X-Secret': 's',
        TE: 'trailers',
        'Proxy-Authorization': 'p',
      },
    });

    expect(seen).toMatchObject({
      host: 'cloud.example:8443',
      authorization: 'Bearer t',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'cloud.example:8443',
      'x-forwarded-prefix': workbenchPath,
    });
    expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(['x-secret']));
    expect(seen.te ?? seen['proxy-authorization']).toBeUndefined();
  });

  test('keeps Authorization from the task where the controller uses it itself', async () => {
    const { port } = await task((incoming, response) => response.end(String(incoming.headers.authorization)));
    const { port: entry } = await front(port, {
      decide: async (visit) => ({ ...(await enterAll(visit)), stripAuthorization: true }) as Decision,
    });

    const answer = await send(entry, `${workbenchPath}/`, { headers: { Authorization: 'Bearer t' } });

    expect(answer.body).toBe('undefined');
  });

  test.each([
    [`http://127.0.0.1:PORT${workbenchPath}/login?next=%2F#top`, `${workbenchPath}/login?next=%2F#top`],
    ['//127.0.0.1:PORT//evil.example/', '/evil.example/'],
    ['https://elsewhere.example/x', 'https://elsewhere.example/x'],
    ['lab?x', 'lab?x'],
  ])('a redirect to %s reaches the client as %s', async (location, expected) => {
    const { port } = await task((incoming, response) => {
      response.writeHead(302, { Location: location.replace('PORT', String(incoming.socket.localPort)) }).end();
    });
    const { port: entry } = await front(port);

    expect((await send(entry, `${workbenchPath}/`)).headers.location).toBe(expected);
  });
});

describe('streaming', () => {
  test('the headers and the first event arrive before the task sends more', async () => {
    let events: ServerResponse | undefined;
    const { port } = await task((_incoming, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      events = response;
    });
    const { port: entry } = await front(port);

    const answer = await fetch(`http://127.0.0.1:${entry}${workbenchPath}/events`);
    const reader = answer.body?.getReader();
    events?.write('data: one\n\n');
    const first = await reader?.read();
    events?.end('data: two\n\n');
    const second = await reader?.read();

    expect(Buffer.from(first?.value ?? []).toString()).toBe('data: one\n\n');
    expect(Buffer.from(second?.value ?? []).toString()).toBe('data: two\n\n');
  });

  test('the first chunk of an upload reaches the task before the client sends the last', async () => {
    let firstArrived: (chunk: string) => void = () => undefined;
    const first = new Promise<string>((resolve) => {
      firstArrived = resolve;
    });
    const { port } = await task((incoming, response) => {
      incoming.once('data', (chunk) => firstArrived(String(chunk)));
      incoming.on('end', () => response.end('done'));
    });
    const { port: entry } = await front(port);
    const upload = request({
      host: '127.0.0.1',
      port: entry,
      path: `${workbenchPath}/up`,
      method: 'POST',
      agent: false,
    });

    upload.write('first');
    expect(await first).toBe('first');
    upload.end('last');

    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    expect(String(Buffer.concat(await answer.toArray()))).toBe('done');
  });

  test('50 MB up and down come through whole', async () => {
    const { port } = await task((incoming, response) => void pipeline(incoming, response));
    const { port: entry } = await front(port);
    const block = randomBytes(1 << 20);
    const sent = createHash('sha256');
    const received = createHash('sha256');
    const upload = request({
      host: '127.0.0.1',
      port: entry,
      path: `${workbenchPath}/up`,
      method: 'POST',
      agent: false,
    });

    const blocks = function* () {
      for (let index = 0; index < 50; index++) {
        const piece = Buffer.concat([block, Buffer.from(String(index))]);
        sent.update(piece);
        yield piece;
      }
    };
    const sending = pipeline(Readable.from(blocks()), upload);
    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    await pipeline(answer, received);
    await sending;

    expect(received.digest('hex')).toBe(sent.digest('hex'));
  });

  test('a task that does not read holds the upload back, and gets all of it once it reads', async () => {
    let read: () => void = () => undefined;
    const { port, server: taskServer } = await task((incoming, response) => {
      if (incoming.method === 'GET') return void response.end();
      read = () => void incoming.toArray().then((chunks) => response.end(String(Buffer.concat(chunks).length)));
    });
    const { port: entry, server } = await front(port);
    const total = 64 << 20;
    const upload = request({
      host: '127.0.0.1',
      port: entry,
      path: `${workbenchPath}/up`,
      method: 'POST',
      agent: false,
      headers: { 'Content-Length': total },
    });

    upload.end(Buffer.alloc(total));
    const [[incoming]] = (await Promise.all([once(server, 'request'), once(taskServer, 'request')])) as [
      [IncomingMessage],
      unknown,
    ];
    // Ample occasion to read on, for a gateway that would.
    for (let round = 0; round < 200; round++) await send(entry, `${workbenchPath}/`);
    expect(incoming.socket.bytesRead).toBeLessThan(total);
    read();

    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    expect(String(Buffer.concat(await answer.toArray()))).toBe(String(total));
  });
});

describe('when one side leaves', () => {
  test('the client: the task’s request ends too', async () => {
    let gone: () => void = () => undefined;
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const { port } = await task((_incoming, response) => {
      response.on('close', gone);
      response.write('on and on');
    });
    const { port: entry } = await front(port);
    const abort = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${entry}${workbenchPath}/`, { signal: abort.signal });

    expect(answer.status).toBe(200);
    abort.abort();

    await left;
  });

  test('the task, mid-answer: the client sees a cut connection, not an end', async () => {
    const { port } = await task((_incoming, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.destroy());
    });
    const { port: entry } = await front(port);

    await expect(send(entry, `${workbenchPath}/`)).rejects.toThrow('aborted');
  });

  test.each([['GET'], ['POST']])('the task, before it answers a %s: 502', async (method) => {
    const { port } = await task((incoming) => incoming.socket.destroy());
    const { port: entry } = await front(port);

    const answer = await send(entry, `${workbenchPath}/`, { method, ...(method === 'POST' ? { body: 'x' } : {}) });

    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toMatchObject({ success: false, error: { code: 'workbench_broke_off' } });
  });

  test('the task, closing a kept connection as it is used again: the request is sent once more', async () => {
    const connections = new WeakSet<Socket>();
    const { port } = await task((incoming, response) => {
      if (connections.has(incoming.socket)) incoming.socket.destroy();
      else response.end('fine');
      connections.add(incoming.socket);
    });
    const { port: entry, sockets } = await front(port);

    const answers = [await send(entry, `${workbenchPath}/`), await send(entry, `${workbenchPath}/`)];

    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, 'fine'],
      [200, 'fine'],
    ]);
    expect(sockets.size).toBeLessThanOrEqual(1);
  });
});

test.each([
  ['a status that is none', 'HTTP/1.1 000 Odd\r\nContent-Length: 2\r\n\r\nhi', 502],
  ['a reason phrase with control characters', 'HTTP/1.1 200 O\u0001K\r\nContent-Length: 2\r\n\r\nhi', 200],
  ['no HTTP at all', 'hello there, this is something else\r\n\r\n', 502],
  ['an upgrade that nobody asked for', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', 502],
])('a task that answers with %s does the controller no harm', async (_what, raw, status) => {
  const { port } = await listening(createTcpServer((socket) => socket.once('data', () => socket.end(raw))));
  const { port: entry } = await front(port);

  expect((await send(entry, `${workbenchPath}/`)).status).toBe(status);
  expect((await send(entry, '/elsewhere')).status).toBe(418);
});

describe('closing the gateway', () => {
  test('ends what streams and what idles, so that the server can close', async () => {
    const { port, sockets: taskSockets } = await task((incoming, response) => {
      if (incoming.url?.endsWith('/quick')) response.end('ok');
      else response.write('data: 1\n\n');
    });
    const { gateway, server, port: entry } = await front(port);
    await send(entry, `${workbenchPath}/quick`);
    const events = (await fetch(`http://127.0.0.1:${entry}${workbenchPath}/events`)).body?.getReader();
    await events?.read();

    gateway.close();
    const closed = new Promise((resolve) => server.close(resolve));
    await expect(events?.read()).rejects.toThrow('terminated');
    await closed;

    await Promise.all([...taskSockets].map((socket) => once(socket, 'close')));
    expect(taskSockets.size).toBe(0);
  });

  test('answers what still comes in with 503', async () => {
    const { gateway, port: entry } = await front(1);
    gateway.close();

    const answer = await send(entry, `${workbenchPath}/`);

    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([503, 'shutting_down']);
  });
});

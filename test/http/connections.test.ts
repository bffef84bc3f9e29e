import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type App, createServer, type ServerLimits } from '../../src/http/createServer.ts';
import { client, type Wire } from '../gateway/raw.ts';
import { closeAll, listening } from '../gateway/servers.ts';
import { startReads } from '../reads/startReads.ts';
import { eventually } from '../support/eventually.ts';

afterEach(closeAll);

/** The server before an app that notes what it is asked, and answers when told to, or at once. */
async function serve(
  limits: Partial<ServerLimits> = {},
  answer: (response: ServerResponse) => void = (one) => one.end('fine'),
) {
  const asked: string[] = [];
  const app: App = (request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method} ${request.url}`);
    answer(response);
  };
  const { port, sockets, server } = await listening(createServer(app, undefined, limits));
  return { port, sockets, server, asked };
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

describe('a request', () => {
  test.each([
    ['two Hosts', 'GET /a HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n'],
    ['two tokens', get('/a', 'Authorization: Bearer x\r\nauthorization: Bearer y\r\n')],
    [
      'two tokens and an upgrade',
      get('/a', 'Authorization: a\r\nAuthorization: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'),
    ],
    ['no Host', 'GET /a HTTP/1.1\r\n\r\n'],
    ['two Hosts and HTTP/1.0', 'GET /a HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n'],
    [
      'two Hosts and an upgrade',
      'GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
  ])('with %s is a 400, and nothing after it runs', async (_what, text) => {
    const { port, asked } = await serve();

    const { text: answer } = await client(port, text + get('/after')).ended;

    expect(statuses(answer)).toEqual([400]);
    expect(asked).toEqual([]);
  });

  test.each([
    ['that can’t be read', 'GARBAGE\r\n\r\n'],
    ['with two Hosts', 'GET /bad HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n'],
  ])('%s behind one that is still being answered is refused in its turn', async (_what, bad) => {
    const waiting: ServerResponse[] = [];
    const { port, asked } = await serve({}, (response) => void waiting.push(response));
    const one = client(port, get('/first') + bad + get('/after'));
    await eventually(() => waiting.length, Boolean);
    expect(one.text()).toBe('');

    waiting[0]?.end('first');
    const { text } = await one.ended;

    expect(statuses(text)).toEqual([200, 400]);
    expect(text.indexOf('first')).toBeLessThan(text.indexOf('"success":false'));
    expect(asked).toEqual(['GET /first']);
  });

  test('whose headers dribble is given up with 408', async () => {
    const { port, asked } = await serve({ headersWithinMs: 100 });
    const one = client(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n');
    const dribble = setInterval(() => one.socket.writable && one.send('X: y\r\n'), 10);

    const { text } = await one.ended;
    clearInterval(dribble);

    expect([statuses(text), asked]).toEqual([[408], []]);
  });

  test('whose body dribbles is given up with 408, and nothing after it runs', async () => {
    const { port } = await serve({ bodyWithinMs: 100 }, () => undefined);
    const one = client(port, 'POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
    const dribble = setInterval(() => one.socket.writable && one.send('x'), 10);

    const { text } = await one.ended;
    clearInterval(dribble);

    expect(statuses(text)).toEqual([408]);
  });

  test('of a client that has ended its side is answered, however late', async () => {
    const waiting: ServerResponse[] = [];
    const { port } = await serve({ halfClosedEveryMs: 10 }, (response) => void waiting.push(response));
    const one = client(port, get('/'), true);
    one.socket.end();
    await one.until('HTTP/1.1 100 Continue\r\n\r\n');

    waiting[0]?.end('late');

    expect((await one.ended).text).toMatch(/HTTP\/1\.1 200 OK[\s\S]*late/);
  });

  test('of a client that has gone is over', async () => {
    const closed: Promise<unknown>[] = [];
    const { port } = await serve({ halfClosedEveryMs: 10 }, (response) => void closed.push(once(response, 'close')));
    const one = client(port, get('/'));
    await eventually(() => closed.length, Boolean);

    one.socket.destroy();

    await closed[0];
  });
});

describe('connections', () => {
  test('beyond the most there may be are told so with 503; there is room again when one goes', async () => {
    const { port, sockets } = await serve({ maxConnections: 2 });
    const kept = [client(port, get('/')), client(port, get('/'))];
    await Promise.all(kept.map((one) => one.until('fine')));

    const { text } = await client(port, get('/third')).ended;
    kept[0]?.socket.destroy();
    await eventually(
      () => sockets.size,
      (size) => size === 1,
    );
    const later = await client(port, get('/')).until('fine');

    expect(text).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 2\r\n[\s\S]*"success":false/);
    expect(statuses(later)).toEqual([200]);
  });

  test('that idle cost little: a thousand of them less than 20 MB', async () => {
    const { port, sockets } = await serve();
    const first = client(port, get('/'));
    await first.until('fine');
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const idle: Wire[] = Array.from({ length: 1_000 }, () => client(port));
    await eventually(
      () => sockets.size,
      (size) => size === 1_001,
    );

    const growth = process.memoryUsage().rss - before;
    for (const one of idle) one.socket.destroy();

    // Both ends of them are in this process.
    expect(growth).toBeLessThan(2 * 20e6);
  });
});

describe('a body that is too large', () => {
  test('by its length is a 413 before it has come', async () => {
    await using reads = await startReads();
    const port = Number(new URL(reads.url('')).port);
    const path = '/workbenches?user_id=ann';

    const { text } = await client(
      port,
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{`,
    ).ended;

    expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*"success":false/);
  });

  test('in chunks is a 413 as soon as that much has come, and what follows does not run', async () => {
    await using reads = await startReads();
    const port = Number(new URL(reads.url('')).port);
    const path = '/workbenches?user_id=ann';
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;

    const { text } = await client(
      port,
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(8)}`,
    ).ended;

    expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*Connection: close\r\n[\s\S]*"success":false/);
    expect(((await (await fetch(reads.url(''))).json()) as { items: unknown[] }).items).toEqual([]);
  });
});

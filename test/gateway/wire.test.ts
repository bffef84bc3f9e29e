import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { answering, client, ok, rawTask, type Wire } from './raw.ts';
import { closeAll, front, send, workbenchPath } from './servers.ts';
import { StrictParser } from './strictParser.ts';

afterEach(closeAll);

const get = (more = '', target = `${workbenchPath}/`) => `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const post = (more: string, body = '') => `POST ${workbenchPath}/up HTTP/1.1\r\nHost: x\r\n${more}\r\n${body}`;
const forwarded = `X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: x\r\nX-Forwarded-Prefix: ${workbenchPath}\r\nX-Workbench-User: ann\r\n`;
const cleaned = "Cache-Control: private\r\nContent-Security-Policy: frame-ancestors 'self'\r\n";
const kept = 'Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n';
const head = (text: string) => text.slice(0, text.indexOf('\r\n\r\n') + 2);
const gone = (task: Wire) => eventually(() => task.socket.destroyed || task.socket.readableEnded, Boolean);

describe('what goes to the task', () => {
  test('is byte for byte what came, in its order, duplicates and case kept', async () => {
    const { port, connections } = await rawTask(answering(ok));
    const { port: entry } = await front(port);
    const target = `${workbenchPath}/a%2Fb/../?q=%20&x='`;
    const lines = 'User-Agent: x\r\nHOST: x\r\nx-a: 1\r\nX-B: caf\xe9\r\nX-A: 2\r\nCookie: a=1\r\ncookie: b="2"\r\n';

    await client(entry, `GET ${target} HTTP/1.1\r\n${lines}\r\n`).until('ok');

    expect(connections[0]?.text()).toBe(`GET ${target} HTTP/1.1\r\n${lines}${forwarded}Connection: keep-alive\r\n\r\n`);
  });

  test('is without what was of the client’s connection, and whatever that names', async () => {
    const { port, connections } = await rawTask(answering(ok));
    const { port: entry } = await front(port);

    await client(
      entry,
      get(
        'Connection: X-One, close\r\nX-One: 1\r\nConnection: x-two, Host\r\nX-Two: 2\r\nKeep-Alive: 5\r\nTE: trailers\r\n' +
          'Proxy-Connection: close\r\nProxy-Authorization: p\r\nX-Three: 3\r\n',
      ),
    ).until('ok');

    expect(connections[0]?.text()).toBe(
      `GET ${workbenchPath}/ HTTP/1.1\r\nHost: x\r\nX-Three: 3\r\n${forwarded}Connection: keep-alive\r\n\r\n`,
    );
  });

  test('a POST without a body has a length, a method of its own is kept, and so is OPTIONS', async () => {
    const { port, connections } = await rawTask(answering(ok));
    const { port: entry } = await front(port);

    await client(entry, post('')).until('ok');
    await client(entry, get().replace('GET', 'PROPFIND')).until('ok');
    await client(entry, get().replace('GET', 'OPTIONS')).until('ok');

    const all = connections.map((one) => one.text()).join('');
    expect(all.match(/^(POST|PROPFIND|OPTIONS) |^Content-Length: .*$|^Transfer-Encoding/gm)).toEqual([
      'POST ',
      'Content-Length: 0',
      'PROPFIND ',
      'Content-Length: 0',
      'OPTIONS ',
    ]);
  });

  test('goes over one connection as long as that stays clean', async () => {
    const { port, connections } = await rawTask(answering(ok));
    const { port: entry } = await front(port);

    for (let round = 0; round < 5; round++) await client(entry, get()).until('ok');

    expect(connections.length).toBe(1);
  });

  test('trailers of an upload arrive, but those that would change what it means', async () => {
    const { port, connections } = await rawTask((task) => void task.until('\r\n0\r\n').then(() => task.send(ok)));
    const { port: entry } = await front(port);

    await client(
      entry,
      post(
        'Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n',
        '2;x=y\r\nhi\r\n0\r\nX-Sum: 9\r\nContent-Type: a/b\r\n\r\n',
      ),
    ).until('ok');

    const seen = await connections[0]?.until('X-Sum: 9\r\n');
    expect(seen).toContain('Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n');
    expect(seen?.slice(seen.indexOf('\r\n\r\n') + 4)).toBe('2\r\nhi\r\n0\r\nX-Sum: 9\r\n\r\n');
  });
});

describe('what comes from the task', () => {
  test('is byte for byte what came, in its order, duplicates, case and reason kept', async () => {
    const answer =
      'HTTP/1.1 207 Odd \xe9\r\nX-b: caf\xe9\r\nSet-Cookie: a=1; Path=/project/0a1b2c3d4e5f60718/x\r\nX-B: 2\r\nset-cookie: b\r\nDate: d\r\nContent-Length: 2\r\n';
    const { port } = await rawTask(answering(`${answer}\r\nok`));
    const { port: entry } = await front(port);

    const text = await client(entry, get()).until('ok');

    expect(text).toBe(`${answer}${cleaned}${kept}\r\nok`);
  });

  test('is without what was of the task’s connection, and whatever that names', async () => {
    const { port } = await rawTask(
      answering(
        'HTTP/1.1 200 OK\r\nConnection: X-One, Content-Length\r\nX-One: 1\r\nKeep-Alive: timeout=1\r\nDate: d\r\n' +
          'Proxy-Authenticate: x\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok',
      ),
    );
    const { port: entry } = await front(port);

    expect(await client(entry, get()).until('ok')).toBe(
      `HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 2\r\n${cleaned}${kept}\r\nok`,
    );
  });

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 12345\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nDate: d\r\nContent-Length: 12345\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\nDate: d\r\n'],
  ])('%s %s has no body, and the connections go on', async (method, answer) => {
    const { port, connections } = await rawTask(answering(`${answer}\r\n`));
    const { port: entry } = await front(port);
    const one = client(entry, get().replace('GET', method));
    await one.until('\r\n\r\n');
    one.send(get().replace('GET', method));

    await one.until(/\r\n\r\n[\s\S]*\r\n\r\n/);

    expect(one.text()).toBe(`${answer}${cleaned}${kept}\r\n`.repeat(2));
    expect(connections.length).toBe(1);
  });

  test('hints arrive before the answer, as they came; HTTP/1.0 is told none', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nlink: <b>\r\n\r\n';
    const { port } = await rawTask(answering(`${hint}${ok}`));
    const { port: entry } = await front(port);

    const modern = await client(entry, get()).until('\r\n\r\nok');
    const old = await client(entry, get().replace('1.1', '1.0')).until('\r\n\r\nok');

    expect(modern.startsWith(`${hint}HTTP/1.1 200 OK\r\n`)).toBe(true);
    expect(old.startsWith('HTTP/1.1 200 OK\r\n')).toBe(true);
  });

  test('trailers arrive', async () => {
    const { port } = await rawTask(
      answering(
        'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\nHost: h\r\n\r\n',
      ),
    );
    const { port: entry } = await front(port);

    const text = await client(entry, get()).until('0\r\n');

    expect(head(text)).toContain('Trailer: X-Sum\r\n');
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe('2\r\nok\r\n0\r\nX-Sum: 9\r\n\r\n');
  });

  test('a body without a length is whole when the task closes', async () => {
    const { port } = await rawTask(
      (task) => void task.until('\r\n\r\n').then(() => task.socket.end('HTTP/1.0 200 OK\r\n\r\nall')),
    );
    const { port: entry } = await front(port);

    expect((await send(entry, `${workbenchPath}/`)).body).toBe('all');
  });

  test.each([
    [40_000, 200],
    [100_000, 502],
  ])('headers of %d bytes make a %d', async (length, status) => {
    const { port } = await rawTask(answering(ok.replace('\r\n', `\r\nX-Long: ${'x'.repeat(length)}\r\n`)));
    const { port: entry } = await front(port);

    expect(await client(entry, get()).until('\r\n\r\n')).toContain(`HTTP/1.1 ${status} `);
  });

  test('bytes that belong to no request are never taken for an answer', async () => {
    const { port, connections } = await rawTask(answering(ok));
    const { port: entry } = await front(port);
    await client(entry, get()).until('ok');

    connections[0]?.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    let answers = '';
    for (let round = 0; round < 2_000 && connections.length === 1; round++) {
      answers += await client(entry, get()).until(/ok|evil/);
    }

    expect(answers).not.toContain('evil');
    expect(connections.length).toBe(2);
  });

  test('an answer that breaks off is cut: in chunks without their end, and for HTTP/1.0 by a reset', async () => {
    const { port, connections } = await rawTask(
      answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
    );
    const { port: entry } = await front(port);
    const both = [client(entry, get()), client(entry, get().replace('1.1', '1.0'))];
    for (const one of both) await one.until('half');

    for (const one of connections) one.socket.destroy();
    const [first, last] = await Promise.all(both.map(({ ended }) => ended));

    expect(first?.text.endsWith('4\r\nhalf\r\n')).toBe(true);
    expect(last?.error?.code).toBe('ECONNRESET');
  });
});

describe('an upload', () => {
  test('that waits for 100 is told so by the task alone', async () => {
    const { port } = await rawTask((task) => {
      void task.until('Expect: 100-continue\r\n').then(async () => {
        task.send('HTTP/1.1 100 Continue\r\n\r\n');
        await task.until('body');
        task.send(ok);
      });
    });
    const { port: entry } = await front(port);
    const one = client(entry, post('Content-Length: 4\r\nExpect: 100-continue\r\n'));

    await one.until('HTTP/1.1 100 Continue\r\n\r\n');
    one.send('body');

    expect(await one.until('ok')).toContain('HTTP/1.1 200 OK');
  });

  test('that waits for 100 and is refused sends nothing', async () => {
    const { port } = await rawTask(answering('HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno'));
    const { port: entry } = await front(port);

    const { text } = await client(entry, post('Content-Length: 4\r\nExpect: 100-continue\r\n')).ended;

    expect(text).toMatch(/^HTTP\/1\.1 417 No\r\n[\s\S]*\r\nConnection: close\r\n[\s\S]*no$/);
  });

  test('that is answered before its end, by a task that closes at once, has the answer: sixty of sixty', async () => {
    const { port } = await rawTask((task) => {
      task.socket.once('data', () => {
        task.socket.pause();
        task.socket.end('HTTP/1.1 413 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmuch', () =>
          task.socket.destroy(),
        );
      });
    });
    const { port: entry } = await front(port);
    const block = 'x'.repeat(1 << 16);

    const answers = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const one = client(entry, post(`Content-Length: ${1 << 24}\r\n`));
        const sending = setInterval(
          () => one.socket.writable && one.socket.writableLength < 1 << 20 && one.send(block),
          1,
        );
        await one.until('much').finally(() => clearInterval(sending));
        one.socket.destroy();
        return one.text().slice(0, 12);
      }),
    );

    expect(answers.filter((answer) => answer === 'HTTP/1.1 413')).toHaveLength(60);
  });

  test('that is answered by a task that never reads it has the answer', async () => {
    const { port } = await rawTask((task) => {
      task.socket.once('data', () => {
        task.socket.pause();
        task.send(ok);
      });
    });
    const { port: entry } = await front(port);
    const one = client(entry, post(`Content-Length: ${1 << 26}\r\n`, 'x'.repeat(1 << 22)));

    expect(await one.until('\r\n\r\nok')).toContain('200 OK');
    one.socket.destroy();
  });

  test('that the client gives up ends at the task', async () => {
    const { port, connections } = await rawTask(() => undefined);
    const { port: entry } = await front(port);
    const one = client(entry, post('Content-Length: 100\r\n', 'begun'));
    await eventually(
      () => connections[0]?.text() ?? '',
      (text) => text.endsWith('begun'),
    );

    one.socket.destroy();

    await gone(connections[0] as Wire);
  });

  test('that stands still is given up; one that gets on takes as long as it takes', async () => {
    const { port, connections } = await rawTask((task) => {
      void task.until('end').then(
        () => task.send(ok),
        () => undefined,
      );
    });
    const { port: entry } = await front(port, {}, { uploadStallMs: 300 });
    const still = client(entry, post('Content-Length: 43\r\n', 'x'));
    let givenUp = false;
    void still.ended.then(() => {
      givenUp = true;
    });
    const slow = client(entry, post('Transfer-Encoding: chunked\r\n'));

    for (let sent = 1; !givenUp; sent++) {
      slow.send('1\r\ny\r\n');
      const arrived = () =>
        connections
          .map((one) => one.text())
          .join('')
          .split('\r\ny').length > sent;
      await eventually(arrived, Boolean);
    }
    slow.send('3\r\nend\r\n0\r\n\r\n');

    expect(await slow.until('\r\n\r\nok')).toContain('200 OK');
    expect(still.text()).toContain('HTTP/1.1 408 ');
  });
});

describe('a client that has sent its last', () => {
  test('gets its answer, however late it comes', async () => {
    const { port, connections } = await rawTask(() => undefined);
    const { port: entry } = await front(port, {}, { halfClosedEveryMs: 10 });
    const one = client(entry, get(), true);
    one.socket.end();

    // It is asked whether it is still there.
    await one.until('HTTP/1.1 100 Continue\r\n\r\n');
    connections[0]?.send(ok);

    expect((await one.ended).text).toMatch(/\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*ok$/);
  });

  test('and has gone is noticed, and its request ends at the task', async () => {
    const { port, connections } = await rawTask(() => undefined);
    const { port: entry } = await front(port, {}, { halfClosedEveryMs: 10 });
    const one = client(entry, get());
    await eventually(
      () => connections[0]?.text() ?? '',
      (text) => text.endsWith('\r\n\r\n'),
    );

    one.socket.destroy();

    await gone(connections[0] as Wire);
  });

  test('and has gone from a stream is noticed', async () => {
    const { port, connections } = await rawTask(
      answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n'),
    );
    const { port: entry } = await front(port, {}, { halfClosedEveryMs: 10 });
    const one = client(entry, get());
    await one.until('event');

    one.socket.destroy();

    await gone(connections[0] as Wire);
  });
});

test('a POST is never sent twice, whatever becomes of connections', async () => {
  let posts = 0;
  const { port } = await rawTask((task) => {
    task.socket.on('data', (chunk) => {
      if (!chunk.toString().startsWith('POST')) return task.send(ok);
      posts++;
      task.socket.destroy();
    });
  });
  const { port: entry } = await front(port);
  await client(entry, get()).until('ok');

  const text = await client(entry, post('')).until('\r\n\r\n');

  expect([text.slice(0, 12), posts]).toEqual(['HTTP/1.1 502', 1]);
});

test('a client that leaves while a port is waited for ends the waiting', async () => {
  const { port, server } = await rawTask(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  let tries = 0;
  const { port: entry, logged } = await front(port, {
    connectTimeoutMs: 300_000,
    clock: {
      now: Date.now,
      monotonic: () => performance.now(),
      sleep: async (_ms, signal) => {
        tries++;
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
      },
    },
  });
  const waiting = logged('Waiting for a task to listen');
  const one = client(entry, post('Content-Length: 1\r\n'));
  await waiting;

  one.socket.resetAndDestroy();

  await eventually(
    async () => {
      const before = tries;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return tries - before;
    },
    (more) => more === 0,
  );
});

describe('a request that two parsers might read in two ways', () => {
  const hidden = get('', `${workbenchPath}/hidden`);
  test.each<[string, string, number]>([
    [
      'length and chunks',
      post(`Content-Length: ${hidden.length}\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${hidden}`),
      400,
    ],
    ['two lengths', post(`Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n`, hidden), 400],
    ['a coding beside chunks', post('Transfer-Encoding: gzip, chunked\r\n', `0\r\n\r\n${hidden}`), 400],
    ['chunks twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n`), 400],
    ['an unknown coding', post('Transfer-Encoding: xchunked\r\n', hidden), 400],
    ['a blank before the colon', post(`Content-Length : ${hidden.length}\r\n`, hidden), 400],
    [
      'the body of a websocket’s opening',
      get(`Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${hidden.length}\r\n`) + hidden,
      400,
    ],
  ])('(%s) is refused, and nothing of it reaches the task', async (_what, text, status) => {
    const { port, connections } = await rawTask(answering(ok));
    const { port: entry } = await front(port);

    const answer = await client(entry, text).until('\r\n\r\n');

    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(connections.map((one) => one.text())).toEqual([]);
  });

  test.each([
    ['a folded header', get('X: y\r\n z\r\n')],
    ['lines that end in LF alone', get('X: y\r\n').replaceAll('\r\n', '\n')],
    ['a chunk’s extension', post('Transfer-Encoding: chunked\r\n', '2;x="\n"\r\nhi\r\n0\r\n\r\n')],
    ['a length that hides a request', post(`Content-Length: ${hidden.length}\r\n`, hidden)],
    [
      'what is named in Connection',
      post(`Connection: Content-Length, Host\r\nContent-Length: ${hidden.length}\r\n`, hidden),
    ],
  ])('(%s) is refused, or reaches the task as one that all read alike', async (_what, text) => {
    const parser = new StrictParser();
    const { port } = await rawTask((task) => {
      task.socket.on('data', (chunk) => {
        parser.read(chunk);
        if (parser.targets.length > 0) task.send(ok);
      });
    });
    const { port: entry } = await front(port);

    await client(entry, text).until('\r\n\r\n');

    expect(parser.fault).toBeUndefined();
    expect(parser.targets.length).toBeLessThanOrEqual(1);
    expect(parser.targets).not.toContain(`${workbenchPath}/hidden`);
  });
});

test('what a websocket’s client sends before the task has switched never reaches a task that does not', async () => {
  const hidden = get('', `${workbenchPath}/hidden`);
  const { port, connections } = await rawTask((task) => {
    void task.until('\r\n\r\n').then(() => task.send('HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno'));
  });
  const { port: entry } = await front(port);

  const one = client(entry, get('Connection: Upgrade\r\nUpgrade: websocket\r\n') + hidden);
  await one.ended;

  await connections[0]?.ended;
  expect(one.text()).toMatch(/^HTTP\/1\.1 400 No\r\n[\s\S]*no$/);
  expect(connections[0]?.text()).not.toContain('hidden');
});

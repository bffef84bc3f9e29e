import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import request from 'supertest';
import { startWorld, type World } from '../support/startWorld.ts';

let world: World;
let wid = '';

beforeAll(async () => {
  world = await startWorld();
  const { body } = await request(world.url).post('/workbenches?user_id=ada').expect(201);
  wid = body.item.workbench_id;
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
beforeEach(() => world.forgetCalls());
afterEach(() => expect(world.changes()).toEqual([]));

type Answer = Readonly<{ status: number; headers: Readonly<Record<string, string>>; text: string }>;

/** Bytes as they are; resolves when the server closes the connection. */
async function raw(bytes: string | Buffer): Promise<Answer> {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await once(socket, 'close');
  return parse(Buffer.concat(chunks).toString());
}

function parse(answer: string): Answer {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(': ')[0]?.toLowerCase(), line.split(': ')[1] ?? '']),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, text: rest.join('\r\n\r\n') };
}

/** A request on a connection of its own, with whatever stands in it. */
function message(
  method: string,
  target: string,
  body: string | Buffer = '',
  headers: Readonly<Record<string, string>> = {},
) {
  const all = { Host: 'localhost', Connection: 'close', 'Content-Length': String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
}

function expectEnvelope({ status, headers, text }: Answer): {
  code: string;
  message: string;
  details?: { field: string; message: string }[];
} {
  expect([status >= 400 && status < 500, text.slice(0, 300)]).toEqual([true, expect.stringMatching(/^\{/)]);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  const { success, error, ...rest } = JSON.parse(text);
  expect([success, rest]).toEqual([false, {}]);
  expect(error).toMatchObject({ code: expect.stringMatching(/^[a-z_]+$/), message: expect.any(String) });
  expect(error.request_id).toBe(headers['x-request-id']);
  expect(
    Object.keys(error)
      .filter((key) => key !== 'details')
      .sort(),
  ).toEqual(['code', 'message', 'request_id']);
  return error;
}

const json = { 'Content-Type': 'application/json' };
const post = async (
  body: string | Buffer,
  headers: Record<string, string> = json,
  target = '/workbenches?user_id=ada',
) => await raw(message('POST', target, body, headers));

describe('a body of POST /workbenches', () => {
  test.each<[string, string, readonly string[]]>([
    ['an unknown field', '{"name":"a"}', ['name']],
    ['several', '{"a":1,"b":2,"workbench_name":7}', ['a', 'b', 'workbench_name']],
    ['__proto__', '{"__proto__":{"workbench_name":"x"}}', ['__proto__']],
    ['a name that is a number', '{"workbench_name":7}', ['workbench_name']],
    ['a name that is null', '{"workbench_name":null}', ['workbench_name']],
    ['an empty name', '{"workbench_name":""}', ['workbench_name']],
    ['a blank name', '{"workbench_name":"   "}', ['workbench_name']],
    ['a name of 65 characters', `{"workbench_name":"${'x'.repeat(65)}"}`, ['workbench_name']],
    ['a name with a control character', '{"workbench_name":"a\\u0007"}', ['workbench_name']],
    ['a name with a line break', '{"workbench_name":"a\\nb"}', ['workbench_name']],
    ['a name with half a character', '{"workbench_name":"\\ud83d"}', ['workbench_name']],
    ['a name with a mark of direction', '{"workbench_name":"a\\u202eb"}', ['workbench_name']],
    ['CPU as text', '{"requested_cpu":"1024"}', ['requested_cpu']],
    ['CPU with a fraction', '{"requested_cpu":1024.5}', ['requested_cpu']],
    ['negative CPU', '{"requested_cpu":-1024}', ['requested_cpu']],
    ['CPU zero', '{"requested_cpu":0}', ['requested_cpu']],
    ['gigantic CPU', '{"requested_cpu":1e300}', ['requested_cpu']],
    ['memory that is a list', '{"requested_memory":[2048]}', ['requested_memory']],
    ['both sizes wrong', '{"requested_cpu":true,"requested_memory":{}}', ['requested_cpu', 'requested_memory']],
    ['a list', '[]', ['body']],
  ])('with %s is a 400 that names each fault', async (_kind, body, fields) => {
    const error = expectEnvelope(await post(body));
    expect(error.code).toBe('invalid_request');
    expect([...new Set(error.details?.map(({ field }) => field))].sort()).toEqual([...fields].sort());
    for (const { message: text } of error.details ?? []) expect(text).toMatch(/\S{2,}/);
  });

  test('wrong in user, body and key names all three', async () => {
    const error = expectEnvelope(await post('{"x":1}', { ...json, 'Idempotency-Key': 'ü' }, '/workbenches'));
    expect(error.details?.map(({ field }) => field).sort()).toEqual(['Idempotency-Key', 'user_id', 'x']);
  });

  test.each<[string, string | Buffer, Record<string, string>, number]>([
    ['broken JSON', '{"workbench_name":', json, 400],
    ['no JSON', 'hello', json, 400],
    ['blanks', '   ', json, 400],
    ['null', 'null', json, 400],
    ['a text', '"x"', json, 400],
    ['a number', '7', json, 400],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), json, 400],
    ['a hundred thousand brackets', '['.repeat(90_000), json, 400],
    ['over 100 KB', `{"workbench_name":"${'x'.repeat(103_000)}"}`, json, 413],
    ['a form', 'workbench_name=x', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['text', '{}', { 'Content-Type': 'text/plain' }, 415],
    ['no content type', '{}', {}, 415],
    ['a content type that is none', '{}', { 'Content-Type': ';;;' }, 415],
    ['another character set', '{}', { 'Content-Type': 'application/json; charset=latin1' }, 415],
    ['an unknown encoding', '{}', { ...json, 'Content-Encoding': 'zstd9' }, 415],
    ['what is no gzip', '{}', { ...json, 'Content-Encoding': 'gzip' }, 400],
    ['less than announced', '{}', { ...json, 'Content-Length': 'x' }, 400],
  ])('of %s is refused', async (_kind, body, headers, status) => {
    const answer = await post(body, headers);
    expectEnvelope(answer);
    expect(answer.status).toBe(status);
  });
});

describe('a command', () => {
  test.each([
    ['DELETE', ''],
    ['POST', '/start'],
    ['POST', '/stop'],
  ])('%s %s with a field is a 400 that names it', async (method, command) => {
    const answer = await raw(message(method, `/workbenches/${wid}${command}?user_id=ada`, '{"force":true}', json));
    expect(expectEnvelope(answer).details).toEqual([{ field: 'force', message: 'is not a field of this call' }]);
    expect(answer.status).toBe(400);
  });
});

describe('a user id', () => {
  const query = [
    ['missing', ''],
    ['empty', '?user_id='],
    ['given twice', '?user_id=ada&user_id=bob'],
    ['given twice, the same', '?user_id=ada&user_id=ada'],
    ['too long', `?user_id=${'x'.repeat(129)}`],
    ['not ASCII', '?user_id=%C3%BC'],
    ['a NUL', '?user_id=a%00'],
    ['a line break', '?user_id=a%0Ab'],
    ['a DEL', '?user_id=%7F'],
    ['no UTF-8', '?user_id=%FF'],
    ['a list', '?user_id[]=ada'],
    ['an object', '?user_id[a]=ada'],
  ] as const;
  const calls = [
    ['GET', '/workbenches'],
    ['POST', '/workbenches'],
    ['GET', '/workbenches/WID'],
    ['DELETE', '/workbenches/WID'],
    ['POST', '/workbenches/WID/start'],
    ['POST', '/workbenches/WID/stop'],
  ] as const;

  test.each(query)('that is %s is a 400 that names it, in every call', async (_kind, text) => {
    for (const [method, path] of calls) {
      const answer = await raw(message(method, path.replace('WID', wid) + text));
      expect(answer.status).toBe(400);
      expect(expectEnvelope(answer).details?.map(({ field }) => field)).toEqual(['user_id']);
    }
  });

  test.each(['a', 'x'.repeat(128), '%20', 'a\'b"c<d>&e;f', '../../etc', '%25', '*'])('%s is fine', async (user) => {
    const { body } = await request(world.url).get('/workbenches').query({ user_id: user }).expect(200);
    expect(body.items).toEqual([]);
  });
});

describe('a workbench id', () => {
  test.each([
    '..',
    '%2e%2e',
    '..%2f..%2fetc',
    '%00',
    'fsap-0123456789abcdef0',
    '0123456789ABCDEF0',
    encodeURI('漢字'),
    '%F0%9F%98%80',
    'abc',
    '0'.repeat(41),
    '0123456789abcdef0%0a',
    '0123456789abcdef0;x',
    '-1',
    'undefined',
    '__proto__',
  ])('like %s is a 404 in every call, and asks nothing of the cloud', async (id) => {
    for (const [method, command] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/start'],
      ['POST', '/stop'],
    ] as const) {
      const answer = await raw(message(method, `/workbenches/${id}${command}?user_id=ada`));
      expectEnvelope(answer);
      expect([404, 405]).toContain(answer.status);
    }
    expect(world.cloud.calls()).not.toHaveProperty('DescribeAccessPoints.AccessPointNotFound');
  });

  test('of 10,000 characters is a 404', async () => {
    const answer = await raw(message('GET', `/workbenches/${'0'.repeat(10_000)}?user_id=ada`));
    expectEnvelope(answer);
    expect(answer.status).toBe(404);
  });

  test.each(['%', '%zz', '%c3', '%ff%fe'])('that can’t be decoded, %s, is a 400', async (id) => {
    const answer = await raw(message('GET', `/workbenches/${id}?user_id=ada`));
    expectEnvelope(answer);
    expect(answer.status).toBe(400);
  });
});

describe('a path or a method that there isn’t', () => {
  test.each([
    ['GET', '/nothing', 404],
    ['POST', '/', 405],
    ['GET', '/nothing?user_id=ada', 404],
    ['GET', '/workbenches/0123456789abcdef0/nothing?user_id=ada', 404],
    ['GET', '//evil.example/workbenches', 404],
    ['GET', '/workbenches/../../etc/passwd', 404],
    ['POST', '/healthz', 405],
    ['PUT', '/workbenches?user_id=ada', 405],
    ['DELETE', '/workbenches?user_id=ada', 405],
    ['PROPFIND', '/workbenches?user_id=ada', 405],
    ['TRACE', '/workbenches?user_id=ada', 405],
    ['PATCH', '/workbenches?user_id=ada', 405],
    ['GET', '/workbenches/0123456789abcdef0/start?user_id=ada', 405],
    ['GET', '/workbenches/0123456789abcdef0/stop?user_id=ada', 405],
    ['DELETE', '/readyz', 405],
  ])('%s %s is answered in the envelope, also to a browser', async (method, target, status) => {
    const answer = await raw(message(method, target, '', { Accept: 'text/html' }));
    expectEnvelope(answer);
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.headers['allow']).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
  });
});

describe('what is hardly HTTP', () => {
  test.each<[string, string, number]>([
    ['a method that there isn’t', 'FETCH / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['a target without a slash', 'GET workbenches HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['a target without a path', 'GET //#@? HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['half an address', 'GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['no version', 'GET /nothing\r\n\r\n', 404],
    ['another version', 'GET / HTTP/7.3\r\nHost: localhost\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost x\r\n\r\n', 400],
    ['a control character in a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nA: \x01\r\n\r\n', 400],
    ['no Host', 'GET /workbenches?user_id=ada HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'a chunk of no size',
      'POST /workbenches?user_id=ada HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['headers of 20 KB', `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a URL of 20 KB', `GET /workbenches?user_id=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    ['a proxy’s request', 'CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    [
      'an unknown protocol',
      'GET /workbenches?user_id=ada HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      404,
    ],
  ])('%s is answered in the envelope, and the connection closed', async (_kind, bytes, status) => {
    const answer = await raw(bytes);
    expectEnvelope(answer);
    expect(answer.status).toBe(status);
  });

  test('an expectation that nobody knows is ignored', async () => {
    const answer = await raw(message('GET', '/workbenches?user_id=nobody', '', { Expect: 'banana' }));
    expect([answer.status, answer.text]).toEqual([200, '{"success":true,"items":[]}']);
  });
});

describe('anything at all', () => {
  const word = fc.oneof(
    fc.constantFrom('workbenches', '..', '%00', '%', '*', wid, 'start', 'healthz', ''),
    fc.string({ maxLength: 20 }),
  );
  const target = fc
    .tuple(
      fc.array(
        word.map((text) => encodeURI(text).replaceAll('%25', '%')),
        { maxLength: 5 },
      ),
      fc.webQueryParameters(),
    )
    .map(([path, query]) => `/${path.join('/')}?${query}`);
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc
      .dictionary(fc.constantFrom('workbench_name', 'requested_cpu', 'requested_memory', 'x'), fc.anything())
      .map((one) => {
        try {
          return JSON.stringify(one) ?? '';
        } catch {
          return '';
        }
      }),
  );
  const contentType = fc.constantFrom(
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'x/y',
    'application/x+json',
  );

  test('sent to any path by any method is a 4xx in the envelope or a good answer, and changes nothing', async () => {
    const methods = fc.constantFrom('GET', 'PUT', 'PATCH', 'POST', 'DELETE', 'QUERY', 'LOCK');
    await fc.assert(
      fc.asyncProperty(methods, target, body, contentType, async (method, path, content, type) => {
        const answer = await raw(message(method, path, content, { 'Content-Type': type }));
        if (answer.status >= 200 && answer.status < 300) expect(answer.text).toMatch(/^\{"success":true/);
        else expectEnvelope(answer);
      }),
      { numRuns: 200 },
    );
  });

  test('sent instead of a request is answered in the envelope', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const answer = await raw(Buffer.concat([Buffer.from('GET / '), Buffer.from(bytes), Buffer.from('\r\n\r\n')]));
        expectEnvelope(answer);
      }),
      { numRuns: 50 },
    );
  });
});

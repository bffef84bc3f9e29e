import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Destination } from '../../src/gateway/createGateway.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { closeAll, front, listening, send, task, workbenchId, workbenchPath } from './servers.ts';

afterEach(closeAll);

const html = { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

describe.each<
  [string, Destination, { status: number; code: string; says: string; refresh?: string; retryAfter?: string }]
>([
  [
    'on the way',
    { kind: 'onTheWay', status: 'provisioning', name: 'Ada' },
    { status: 503, code: 'workbench_on_the_way', says: 'provisioning', refresh: '2', retryAfter: '2' },
  ],
  ['stopped', { kind: 'stopped', name: 'Ada' }, { status: 409, code: 'workbench_stopped', says: 'Ada is stopped' }],
  [
    'stopped by itself',
    { kind: 'stopped', name: 'Ada', reason: { code: 'out_of_memory', message: 'It ran out of memory.' } },
    { status: 409, code: 'workbench_stopped', says: 'ran out of memory' },
  ],
  [
    'stopping',
    { kind: 'goingDown', status: 'stopping', name: 'Ada' },
    { status: 409, code: 'workbench_going_down', says: 'Ada is stopping', refresh: '5' },
  ],
  [
    'being destroyed',
    { kind: 'goingDown', status: 'destroying', name: 'Ada' },
    { status: 409, code: 'workbench_destroying', says: 'being destroyed' },
  ],
  ['unknown', { kind: 'notFound' }, { status: 404, code: 'not_found', says: 'No workbench here' }],
  [
    'running, its port refusing connections',
    { kind: 'running', host: '127.0.0.1', port: 1 },
    { status: 503, code: 'workbench_on_the_way', says: 'Almost there', refresh: '2', retryAfter: '2' },
  ],
])('a workbench that is %s', (_what, destination, { status, code, says, refresh, retryAfter }) => {
  test('is a page to a browser', async () => {
    const { port } = await front(() => destination, { connectTimeoutMs: 50 });

    const answer = await send(port, `${workbenchPath}/`, html);

    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['retry-after']).toBe(retryAfter);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toContain(says);
    expect(/http-equiv="refresh" content="(\d+)"/.exec(answer.body)?.[1]).toBe(refresh);
  });

  test.each([['application/json'], ['*/*'], ['text/html;q=0, */*']])(
    'is an error in JSON to a client that accepts %s',
    async (accept) => {
      const { port } = await front(() => destination, { connectTimeoutMs: 50 });

      const answer = await send(port, `${workbenchPath}/`, { headers: { Accept: accept } });

      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(answer.headers['retry-after']).toBe(retryAfter);
      expect(JSON.parse(answer.body)).toEqual({
        success: false,
        error: { code, message: expect.stringContaining('.'), request_id: answer.headers['x-request-id'] },
      });
    },
  );
});

test('a page escapes names, states and reasons, and its policy allows nothing but its style', async () => {
  const evil = `<script>alert("1")</script>&'`;
  const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;';
  const destinations: Destination[] = [
    { kind: 'onTheWay', status: evil, name: evil },
    { kind: 'stopped', name: evil, reason: { code: evil, message: evil } },
    { kind: 'goingDown', status: evil, name: evil },
  ];
  const { port } = await front(() => destinations.shift() ?? { kind: 'notFound' }, { destinationTtlMs: 0 });

  for (const escapes of [4, 4, 3]) {
    const { body, headers } = await send(port, `${workbenchPath}/`, html);
    expect(body).not.toContain('<script');
    // Title, heading, badge; name, code and message of a reason.
    expect(body.split(escaped).length - 1).toBeGreaterThanOrEqual(escapes - 1);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
  }
});

test('a running task that does not listen yet is reached as soon as it does, and nothing of the body is lost', async () => {
  const { port, server } = await task(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  const { port: entry, logged } = await front(port, { connectTimeoutMs: PATIENCE_MS });

  const refused = logged('Waiting for a task to listen');
  const answer = send(entry, `${workbenchPath}/up`, { method: 'POST', body: 'all of it' });
  await refused;
  await listening(
    createServer((incoming, response) => void incoming.pipe(response)),
    port,
  );

  expect(await answer).toMatchObject({ status: 200, body: 'all of it' });
});

test('a task that has stopped since it was looked up is shown as stopped, not as almost there', async () => {
  const destinations: Destination[] = [{ kind: 'running', host: '127.0.0.1', port: 1 }];
  const { port } = await front(() => destinations.shift() ?? { kind: 'stopped', name: 'Ada' }, {
    connectTimeoutMs: 50,
  });

  const answer = await send(port, `${workbenchPath}/`);

  expect(JSON.parse(answer.body).error.code).toBe('workbench_stopped');
});

test('a cloud that cannot say where the task is makes a 503 with Retry-After, and is asked again next time', async () => {
  let fails = true;
  const { port: taskPort } = await task((_incoming, response) => response.end('there'));
  const { port } = await front(async () => {
    if (fails) throw new Error('secret endpoint unreachable');
    return { kind: 'running', host: '127.0.0.1', port: taskPort };
  });

  const answer = await send(port, `${workbenchPath}/`);
  fails = false;
  const next = await send(port, `${workbenchPath}/`);

  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
  expect(JSON.parse(answer.body).error.code).toBe('cloud_unavailable');
  expect(answer.body).not.toContain('secret');
  expect(next.body).toBe('there');
});

test('who may not pass gets 403 in both forms, and nothing is looked up', async () => {
  const { port, lookUps } = await front(1, { decide: () => ({ kind: 'forbidden', rule: 'origin-foreign' }) });

  const page = await send(port, `${workbenchPath}/`, html);
  const json = await send(port, `${workbenchPath}/`);

  expect([page.status, page.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
  expect([json.status, JSON.parse(json.body).error.code]).toEqual([403, 'not_allowed']);
  expect(lookUps).toEqual([]);
});

test('an upload to a stopped workbench is answered and leaves the connection in order', async () => {
  const { port } = await front(() => ({ kind: 'stopped', name: 'Ada' }));

  const answer = await fetch(`http://127.0.0.1:${port}${workbenchPath}/`, {
    method: 'POST',
    body: 'x'.repeat(4 << 20),
  });

  expect(answer.status).toBe(409);
});

test('the request id that the server has given stands in the error', async () => {
  const { gateway } = await front(() => ({ kind: 'notFound' }));
  const { port } = await listening(
    createServer((incoming, response) => {
      response.setHeader('X-Request-Id', 'abc-1');
      gateway.handle(incoming, response);
    }),
  );

  const answer = await send(port, `${workbenchPath}/`);

  expect([answer.headers['x-request-id'], JSON.parse(answer.body).error.request_id]).toEqual(['abc-1', 'abc-1']);
});

test('a workbench without its trailing slash is redirected, keeping method and query, without a look-up', async () => {
  const { port, lookUps } = await front(1);

  const answer = await send(port, `${workbenchPath}?folder=/x`, { method: 'POST' });

  expect([answer.status, answer.headers.location]).toEqual([308, `${workbenchPath}/?folder=/x`]);
  expect(lookUps).toEqual([]);
});

test('what is no workbench id is not found, and what is not below the base path goes on', async () => {
  const { port, lookUps } = await front(1);

  expect((await send(port, `/project/${workbenchId}%2f..%2fother/`)).status).toBe(404);
  expect((await send(port, '/workbenches')).status).toBe(418);
  expect(lookUps).toEqual([]);
});

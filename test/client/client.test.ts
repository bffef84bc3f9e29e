import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from '../../src/client/createClient.ts';
import { startWorld, type World } from '../support/startWorld.ts';
import { aToken, inSeconds } from '../support/tokens.ts';

const KEY = 'a key for tokens that is long enough';

let world: World;

beforeAll(async () => {
  world = await startWorld({
    RESTAPI_AUTH_JWT_KEY: KEY,
    RESTAPI_AUTH_JWT_USER_CLAIM: 'sub',
    RESTAPI_URL_PREFIX: '/api',
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Answers in turn, and then as the last one does. */
async function startScript(...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  const seen: { method: string; key: string | string[] | undefined }[] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', key: request.headers['idempotency-key'] });
    answers[Math.min(seen.length, answers.length) - 1]?.(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const failing =
  (status: number, code: string, retryAfter?: string) => (_: IncomingMessage, response: ServerResponse) => {
    const headers = retryAfter === undefined ? {} : { 'Retry-After': retryAfter };
    response
      .writeHead(status, headers)
      .end(JSON.stringify({ success: false, error: { code, message: code, request_id: 'r' } }));
  };
const cutting = (request: IncomingMessage) => void request.socket.destroy();
const made = (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(201).end('{"success":true,"item":{"workbench_id":"a"}}');

describe('the client', () => {
  test('creates, waits, opens, stops, starts and destroys', async () => {
    const client = createClient({
      url: `${world.url}/api/`,
      token: () => aToken({ exp: inSeconds(60), sub: 'ann' }, KEY),
    });
    expect(await client.me()).toMatchObject({ user_id: 'ann', operator: false });
    const created = await client.create({ workbench_name: 'Analysis' });
    expect(await client.untilRunning(created.workbench_id)).toMatchObject({
      workbench_name: 'Analysis',
      status: 'running',
    });
    expect((await client.list()).map(({ workbench_id }) => workbench_id)).toEqual([created.workbench_id]);
    expect((await client.open(created.workbench_id, { path: '/lab' })).url).toMatch(
      /\/\.workbench\/enter\?t=.*next=%2Flab/,
    );

    const statuses: (string | undefined)[] = [];
    const following = (async () => {
      for await (const item of client.follow(created.workbench_id)) statuses.push(item?.status);
    })();
    await client.stop(created.workbench_id);
    await client.until(created.workbench_id, ({ status }) => status === 'stopped');
    await client.start(created.workbench_id);
    await client.untilRunning(created.workbench_id);
    await client.destroy(created.workbench_id);
    await client.untilGone(created.workbench_id);
    await following;
    expect([statuses.includes('stopped'), statuses.at(-1)]).toEqual([true, undefined]);
    await expect(client.get(created.workbench_id)).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      code: 'not_found',
    });
  });

  test('a request that may be repeated is, with the same key, when the API says and where no answer came', async () => {
    using script = await startScript(
      failing(503, 'cloud_unavailable', '0'),
      cutting,
      failing(429, 'too_many', '0'),
      made,
    );
    expect(await createClient({ url: script.url }).create({}, { key: 'mine' })).toEqual({ workbench_id: 'a' });
    expect(script.seen).toEqual(Array.from({ length: 4 }, () => ({ method: 'POST', key: 'mine' })));
  });

  test.each([
    [409, 'destroying'],
    [400, 'invalid_request'],
    [502, 'cloud_refused'],
  ])('a %i %s is told at once', async (status, code) => {
    using script = await startScript(failing(status, code));
    await expect(createClient({ url: script.url }).start('a')).rejects.toMatchObject({ status, code, requestId: 'r' });
    expect(script.seen).toHaveLength(1);
  });

  test('what stays unavailable is told when its patience ends', async () => {
    using script = await startScript(failing(503, 'cloud_unavailable', '60'));
    const client = createClient({ url: script.url, patienceMs: 1_000 });
    await expect(client.list()).rejects.toMatchObject({ code: 'cloud_unavailable', retryAfterSeconds: 60 });
  });

  test('whoever waits may leave', async () => {
    using script = await startScript(failing(503, 'cloud_unavailable', '30'));
    const leaving = new AbortController();
    const waiting = createClient({ url: script.url }).list({ signal: leaving.signal });
    while (script.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
  });

  test('a stream that breaks off is taken up where it ended', async () => {
    const begun = (id: string, status: string) => (request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(
        `retry: 1\n\nid: ${id}\ndata: {"status":"${status} after ${request.headers['last-event-id']}"}\n\ndata: {"sta`,
      );
      setImmediate(() => request.socket.destroy());
    };
    using script = await startScript(
      begun('1'.repeat(16), 'pending'),
      begun('2'.repeat(16), 'running'),
      failing(404, 'not_found'),
    );
    const seen: unknown[] = [];
    for await (const item of createClient({ url: script.url }).follow('a')) seen.push(item?.status);
    expect(seen).toEqual(['pending after undefined', `running after ${'1'.repeat(16)}`, undefined]);
  });
});

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { startReads } from '../reads/startReads.ts';

/** One request as it is on the wire, and all that comes back before the connection ends. */
async function exchange(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  return await text(socket);
}

const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n';

test('a create that offers HTTP/2, body and all, is a create', async () => {
  await using reads = await startReads();
  const body = '{"workbench_name":"java"}';
  const answer = await exchange(
    reads.url(''),
    `POST /workbenches?user_id=ann HTTP/1.1\r\nHost: localhost\r\n${offer}Content-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 201 /);
  expect(answer).toContain('"workbench_name":"java"');
  expect(answer).toContain('"status":"ok"');
});

test('a call that offers HTTP/2 and says it is the last one of its connection, is', async () => {
  await using reads = await startReads();
  const last = offer.replace('Connection: Upgrade,', 'Connection: close, Upgrade,');
  const answer = await exchange(reads.url(''), `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${last}\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\nConnection: close\r\n.*"status":"ok"/s);
});

test('a websocket to what is no workbench is a 404 in the envelope', async () => {
  await using reads = await startReads();
  const answer = await exchange(
    reads.url(''),
    'GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('"success":false');
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { answerParent } from '../support/ipc.ts';

/** What stands behind the proxies: a canned answer by bytes, ten megabytes each way, and an echo over websockets. */

const TEN_MEGABYTES = Buffer.alloc(10_000_000, 'x');
const canned = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nETag: "a1b2c3"\r\nCache-Control: no-cache\r\n' +
    `Date: Tue, 24 Nov 2026 00:00:00 GMT\r\nContent-Length: 300\r\n\r\n${'x'.repeat(300)}`,
);

const small = createTcpServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  // One request at a time, without a body: its last bytes end it.
  socket.on('data', (chunk) => chunk.subarray(-4).toString('latin1') === '\r\n\r\n' && socket.write(canned));
});
const large = createServer((request, response) => {
  if (request.method === 'GET') response.writeHead(200, { 'Content-Length': TEN_MEGABYTES.length }).end(TEN_MEGABYTES);
  else request.resume().once('end', () => response.writeHead(200, { 'Content-Length': 2 }).end('ok'));
});
const sockets = new WebSocketServer({ server: large, perMessageDeflate: false });
sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));

for (const server of [small, large]) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

answerParent({ ports: () => ({ small: portOf(small), large: portOf(large) }) });

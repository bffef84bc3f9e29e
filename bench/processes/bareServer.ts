import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import express from 'express';
import { answerParent } from '../support/ipc.ts';

/** What the controller is compared with: the same object from the shortest Express app, the same bytes from node:http. */

const object: unknown = JSON.parse(process.env['BENCH_BODY'] ?? '{}');
const bytes = Buffer.from(JSON.stringify(object));

const app = express();
app.get('/workbenches/:id', (_request, response) => {
  response.json(object);
});

const server =
  process.env['BENCH_SERVER'] === 'express'
    ? createServer(app)
    : createServer((_request, response) => {
        response.writeHead(200, {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': bytes.length,
        });
        response.end(bytes);
      });
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

answerParent({ port: () => port });

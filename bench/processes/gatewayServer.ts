import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { pino } from 'pino';
import { createGateway } from '../../src/gateway/createGateway.ts';
import { createServer } from '../../src/http/createServer.ts';
import { answerParent } from '../support/ipc.ts';

/** The controller's server and its gateway, with the access check in its place; every workbench is one task. */
const port = Number(process.env['BENCH_UPSTREAM']);
const gateway = createGateway({
  basePath: '/project',
  resolve: async () => ({ kind: 'running', host: '127.0.0.1', port }),
  decide: () => undefined,
  logger: pino({ level: 'info' }),
});
const server = createServer((_request, response) => response.writeHead(404).end(), gateway);
server.listen(0, '127.0.0.1');
await once(server, 'listening');

answerParent({ port: () => (server.address() as AddressInfo).port });

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { answerParent } from '../support/ipc.ts';

/** JupyterHub's configurable-http-proxy, as its command starts it, in a process that says what it uses. */
const port = await freePort();
const command = createRequire(import.meta.url).resolve('configurable-http-proxy/bin/configurable-http-proxy');
process.argv.splice(
  1,
  process.argv.length,
  command,
  ...['--ip', '127.0.0.1', '--port', String(port), '--api-ip', '127.0.0.1', '--api-port', String(await freePort())],
  ...['--default-target', `http://127.0.0.1:${process.env['BENCH_UPSTREAM']}`, '--log-level', 'error'],
);
await import(pathToFileURL(command).href);

answerParent({ port: () => port });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

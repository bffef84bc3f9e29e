// A controller as a process of its own, to be killed. It loads its code at once, so that it is up soon after it is
// told its environment and pace, as one line of JSON on stdin; it ends when its stdin does.
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const build = pathToFileURL(`${process.argv[2]}/`);
/** @param {string} file */
const load = (file) => import(new URL(file, build).href);
const [{ compose }, { readConfig }, { createServer }, { createLogger }] = await Promise.all(
  ['compose.js', 'config.js', 'http/createServer.js', 'lib/logger.js'].map(load),
);

const input = createInterface({ input: process.stdin });
input.on('close', () => process.exit(0));
const [line] = await once(input, 'line');
const { environment, pace } = JSON.parse(line);
Object.assign(process.env, environment);
// As in every test: nobody waits for a turn.
const config = { ...readConfig(environment), statusCallsPerSecond: 1_000 };
const controller = await compose(config, {
  logger: createLogger(environment.LOG_LEVEL ?? 'silent', false, process.stderr),
  nodePath: process.execPath,
  listeningPort: () => 0,
  timings: pace,
});
const server = createServer(controller.app, controller.gateway, config, controller.door);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
controller.start();
process.stdout.write(`${server.address().port}\n`);

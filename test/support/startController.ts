import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { promisify } from 'node:util';
import { type Logger, pino } from 'pino';
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { closeGracefully } from '../../src/http/closeGracefully.ts';
import { createServer } from '../../src/http/createServer.ts';
import { defaultTimings, type Timings } from '../../src/lib/timings.ts';
import { PATIENCE_MS } from './eventually.ts';
import { watchAnswers } from './watchAnswers.ts';

export type TestController = Readonly<{
  /** `http://127.0.0.1:<port>`, what supertest and fetch take. */
  url: string;
  /** How many clients are connected. */
  connections(): Promise<number>;
  close(): Promise<void>;
}>;

/**
 * Quick where a test would have to wait, for what is seldom there; patient where a busy machine would be taken for an
 * AWS that is away. A cloud that is slow to show tasks needs a longer grace.
 */
const testPace: Partial<Timings> = {
  visibilityGraceMs: 1_500,
  forgottenAfterMs: 600,
  sweepEveryMs: 1_000,
  launchWithinMs: PATIENCE_MS,
  answerWithinMs: PATIENCE_MS,
  undoneWithinMs: PATIENCE_MS,
  storageReadyWithinMs: PATIENCE_MS,
  serveStaleForMs: PATIENCE_MS,
  // A call to the local cloud that takes long has a busy machine; only where calls time out on purpose, it has not.
  connectTimeoutMs: PATIENCE_MS,
  requestTimeoutMs: PATIENCE_MS,
};

/** Calls a second: no test waits for its turn but one that is about turns, and says how many there are. */
const AMPLE = 1_000;

const { connectTimeoutMs, requestTimeoutMs } = defaultTimings;
/** Calls that time out as soon as in production. */
export const promptCalls: Partial<Timings> = { connectTimeoutMs, requestTimeoutMs };

/** A whole controller in this process, on a free port, over a local cloud that the test started. */
export async function startController(
  cloudUrl: string,
  environment: Readonly<Record<string, string>> = {},
  options: Readonly<{ pace?: Partial<Timings>; logger?: Logger }> = {},
): Promise<TestController> {
  const given = readConfig({
    WB_CLOUD: 'local',
    AWS_ENDPOINT_URL: cloudUrl,
    HOST: '127.0.0.1',
    PORT: '0',
    WB_SESSION_KEYS: 'the-secret-of-the-tests-as-long-as-it-needs',
    ...environment,
  });
  const config = {
    ...given,
    statusCallsPerSecond: environment['WB_STATUS_CALLS_PER_SECOND'] ? given.statusCallsPerSecond : AMPLE,
  };
  let port = 0;
  const controller = await compose(config, {
    logger: options.logger ?? pino({ level: 'silent' }),
    nodePath: process.execPath,
    listeningPort: () => port,
    timings: { ...testPace, ...options.pace },
  });
  const answers = watchAnswers(config.urlPrefix);
  const app = answers.app(controller.app);
  const server = createServer(app, controller.gateway, config, answers.door(controller.door));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  controller.start();
  return {
    url: `http://127.0.0.1:${port}`,
    connections: async () => await promisify(server.getConnections.bind(server))(),
    close: async () => {
      await closeGracefully(server, controller);
      await controller.close();
      answers.verify();
    },
  };
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { promisify } from 'node:util';
import { type Logger, pino } from 'pino';
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { closeGracefully } from '../../src/http/closeGracefully.ts';
import { createServer } from '../../src/http/createServer.ts';
import type { Pace } from '../../src/workbench/Pace.ts';

export type TestController = Readonly<{
  /** `http://127.0.0.1:<port>`, what supertest and fetch take. */
  url: string;
  /** How many clients are connected. */
  connections(): Promise<number>;
  close(): Promise<void>;
}>;

/** Quick enough that a test needn't wait, slow enough for visibility delays of the local cloud up to a second. */
export const testPace: Partial<Pace> = { visibilityGraceMs: 1_500, forgottenAfterMs: 600, sweepEveryMs: 1_000 };

/** A whole controller in this process, on a free port, over a local cloud that the test started. */
export async function startController(
  cloudUrl: string,
  environment: Readonly<Record<string, string>> = {},
  options: Readonly<{ pace?: Partial<Pace>; logger?: Logger }> = {},
): Promise<TestController> {
  const config = readConfig({
    WB_CLOUD: 'local',
    AWS_ENDPOINT_URL: cloudUrl,
    HOST: '127.0.0.1',
    PORT: '0',
    ...environment,
  });
  let port = 0;
  const controller = await compose(config, {
    logger: options.logger ?? pino({ level: 'silent' }),
    nodePath: process.execPath,
    listeningPort: () => port,
    pace: options.pace ?? testPace,
  });
  const server = createServer(controller.app, controller.gateway);
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
    },
  };
}

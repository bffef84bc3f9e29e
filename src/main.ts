import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import dotenv from 'dotenv';
import { compose } from './compose.ts';
import { ConfigError, readConfig } from './config.ts';
import { closeGracefully } from './http/closeGracefully.ts';
import { createServer } from './http/createServer.ts';
import { createLogger } from './lib/logger.ts';

// Into the process's own environment, because the AWS SDK reads its settings there; what is set already wins.
dotenv.config({ quiet: true });

try {
  await run();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel, process.stdout.isTTY === true);
  let port = config.port;
  const controller = await compose(config, { logger, nodePath: process.execPath, listeningPort: () => port });
  const server = createServer(controller.app, controller.gateway);

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'stopping: requests in flight finish first');
    await closeGracefully(server, controller.gateway);
    await controller.close();
    logger.info('stopped');
    process.exit(0);
  };
  process.on('SIGINT', (signal) => void stop(signal));
  process.on('SIGTERM', (signal) => void stop(signal));

  try {
    server.listen(port, config.host);
    await once(server, 'listening');
  } catch (error) {
    logger.fatal({ err: error, port, host: config.host }, 'cannot listen');
    await controller.close();
    process.exit(1);
  }
  port = (server.address() as AddressInfo).port;
  controller.start();
  const { staticKey, jwtKey } = config.authentication;
  if (!staticKey && !jwtKey) {
    logger.warn(
      'authentication is OFF: whoever reaches this port acts for every user. Set RESTAPI_AUTH_STATIC_KEY or RESTAPI_AUTH_JWT_KEY',
    );
  }
  if (config.cloud === 'aws' && !config.taskRoleArn) {
    logger.warn('ECS_TASK_ROLE_ARN is not set: mounting the files by IAM authorization needs a task role');
  }
  const address = `http://${config.host ?? 'localhost'}:${port}${config.urlPrefix}`;
  logger.info({ url: `${address}/workbenches`, cloud: config.cloud, stack: config.stack }, 'ready');
}

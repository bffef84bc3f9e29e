import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import dotenv from 'dotenv';
import { compose } from './compose.ts';
import { ConfigError, readConfig } from './config.ts';
import { closeGracefully } from './http/closeGracefully.ts';
import { createServer } from './http/createServer.ts';
import { createLogger } from './lib/logger.ts';
import { defaultTimings } from './lib/timings.ts';

// Into the process's own environment, because the AWS SDK reads its settings there; what is set already wins.
dotenv.config({ quiet: true });
// The SDK's warning of the end of Node 20 would be the longest text of every start; the README says it once.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

await (process.argv[2] === 'doctor' ? doctor() : run()).catch((error: unknown) => {
  process.stderr.write(`${whyNotStarted(error)}\n`);
  // Not by exitCode alone: what was begun may keep the process alive.
  process.exit(1);
});

/** Only who asks for it waits for it to load. */
async function doctor(): Promise<void> {
  const { runDoctor } = await import('./doctor/runDoctor.ts');
  const healthy = await runDoctor(process.env, (line) => process.stdout.write(`${line}\n`), process.execPath);
  process.exitCode = healthy ? 0 : 1;
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel, process.stdout.isTTY === true);
  let port = config.port;
  const controller = await compose(config, { logger, nodePath: process.execPath, listeningPort: () => port });
  const server = createServer(controller.app, controller.gateway, config, controller.door);

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), defaultTimings.stopWithinMs).unref();
    logger.info({ signal }, 'stopping: requests in flight finish first');
    await closeGracefully(server, controller);
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
    await controller.close();
    throw error;
  }
  port = (server.address() as AddressInfo).port;
  controller.start();
  for (const warning of config.warnings) logger.warn(warning);
  if (!config.authenticated) {
    logger.warn(
      'authentication is OFF: whoever reaches this port acts for every user. Set RESTAPI_AUTH_STATIC_KEY, RESTAPI_AUTH_JWT_KEY or RESTAPI_AUTH_OIDC_ISSUER',
    );
    logger.warn(
      { public_url: config.publicUrl, cors_origins: config.corsOrigins },
      'so only localhost, IP addresses, HOST and the host of RESTAPI_PUBLIC_URL are served, and pages of none but these and RESTAPI_CORS_ORIGINS: behind a proxy, set RESTAPI_PUBLIC_URL to what browsers open',
    );
  }
  if (config.cloud === 'aws' && !config.taskRoleArn) {
    logger.warn('ECS_TASK_ROLE_ARN is not set: mounting the files by IAM authorization needs a task role');
  }
  const address = `http://${config.host ?? 'localhost'}:${port}${config.urlPrefix}`;
  logger.info({ url: `${address}/workbenches`, cloud: config.cloud, stack: config.stack }, 'ready');
}

/** For people; a stack is for those who debug. */
function whyNotStarted(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return `The controller cannot start: ${String(error)}`;
  const { code, syscall, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (syscall === 'listen' && code === 'EADDRINUSE') {
    return `The controller cannot start: port ${port} of ${address} is taken. Stop what uses it, or set PORT to another.`;
  }
  const debugging = ['debug', 'trace'].includes(process.env['LOG_LEVEL'] ?? '');
  return `The controller cannot start: ${debugging ? error.stack : error.message}`;
}

import type { Logger } from 'pino';
import { createAuthenticator } from './access/bearer/createAuthenticator.ts';
import { createVerifyAccessToken } from './access/bearer/verifyAccessToken.ts';
import { originOf, parseBaseUrl } from './access/hosts/baseUrl.ts';
import { createProvider } from './access/provider/createProvider.ts';
import { cloudTarget } from './aws/cloudTarget.ts';
import { createAws } from './aws/createAws.ts';
import type { Config } from './config.ts';
import { createGateway, type Gateway } from './gateway/createGateway.ts';
import { isFromThisMachine } from './gateway/isFromThisMachine.ts';
import { notAllowed } from './gateway/refusal.ts';
import { createResolve } from './gateway/resolveWorkbench.ts';
import { createDoor, type Door } from './http/createDoor.ts';
import { createHttp } from './http/createHttp.ts';
import type { App } from './http/createServer.ts';
import { systemClock } from './lib/clock.ts';
import { defaultTimings, type Timings } from './lib/timings.ts';
import { embedLocalCloud } from './localCloud.ts';
import { createWorkbenches } from './workbench/createWorkbenches.ts';

export type Controller = Readonly<{
  app: App;
  gateway: Gateway | undefined;
  door: Door;
  /** Begins to look for what was left undone. */
  start(): void;
  /** Says goodbye to those who wait for changes. */
  endWaiting(): void;
  /** Ends the background work, then the local cloud with its tasks. */
  close(): Promise<void>;
}>;

/** What only the process knows. */
export type ProcessSettings = Readonly<{
  logger: Logger;
  nodePath: string;
  /** The port that the server listens on. */
  listeningPort: () => number;
  /** Tests are less patient. */
  timings?: Partial<Timings>;
}>;

/** Builds the whole controller from its configuration. */
export async function compose(config: Config, settings: ProcessSettings): Promise<Controller> {
  const { logger, nodePath, listeningPort } = settings;
  const timings = { ...defaultTimings, ...settings.timings };
  const context = { clock: systemClock, random: Math.random, logger, timings };
  const basePath = config.baseUrl ? new URL(config.baseUrl).pathname.replace(/\/$/, '') : '/project';
  const baseUrl = () => config.baseUrl ?? `http://localhost:${listeningPort()}${basePath}`;

  const localCloud = config.embedded
    ? await embedLocalCloud({
        dir: config.localDirectory,
        port: config.localPort,
        region: config.region,
        runtime: config.localRuntime,
        nodePath,
        logger,
      })
    : undefined;
  if (localCloud) logger.info({ url: localCloud.url, dir: config.localDirectory }, 'the local cloud is up');
  const target = cloudTarget(config, localCloud?.url);

  const aws = await createAws({ ...config, ...target, basePath }, context);
  const scope = [target.fileSystemId, config.stack];
  const { service, lister, watch, ...workbenches } = createWorkbenches(aws, { ...config, scope }, context);

  const { authenticated, oidc } = config;
  const provider = oidc && createProvider({ issuer: oidc.issuer, clock: systemClock });
  const verifyAccessToken = provider && oidc && createVerifyAccessToken(provider.key, oidc, systemClock);
  const authenticator = createAuthenticator(config.authentication, verifyAccessToken, systemClock);
  const base = parseBaseUrl(config.baseUrl ?? `http://localhost${basePath}`);
  if (typeof base === 'string') throw new Error(`WB_BASE_URL ${base}`);
  const workbenchesOrigin = base.mode === 'path' ? originOf(base, '') : undefined;
  const door = createDoor({ ...config, base, workbenchesOrigin, listenHost: config.host }, logger);
  const gateway = config.gateway
    ? createGateway({
        basePath,
        resolve: createResolve(lister),
        decide: (request) => (!authenticated || isFromThisMachine(request) ? undefined : notAllowed),
        stripAuthorization: authenticated,
        logger,
      })
    : undefined;
  const { probe } = aws;
  const { peek } = lister;
  const app = createHttp({ service, watch, peek, probe, authenticator, baseUrl, clock: systemClock, logger }, config);

  return {
    app,
    gateway,
    door,
    start: workbenches.start,
    endWaiting: watch.close,
    async close() {
      aws.endTurns();
      await workbenches.close();
      aws.close();
      await localCloud?.close();
    },
  };
}

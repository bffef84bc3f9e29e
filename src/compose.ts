import type { Logger } from 'pino';
import { createAuthenticator } from './access/bearer/createAuthenticator.ts';
import { createVerifyAccessToken } from './access/bearer/verifyAccessToken.ts';
import { createEntrance } from './access/entry/createEntrance.ts';
import { createOpenings } from './access/entry/createOpenings.ts';
import { type BaseUrl, endpointOf, originOf } from './access/hosts/baseUrl.ts';
import { createProvider } from './access/provider/createProvider.ts';
import { localSessionKey } from './access/signed/sessionKeys.ts';
import { cloudTarget } from './aws/cloudTarget.ts';
import { createAws } from './aws/createAws.ts';
import type { Config } from './config.ts';
import { createGateway, type Gateway } from './gateway/createGateway.ts';
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
  const base = config.base ? always(config.base) : onThisMachine(listeningPort);
  const path = base();

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

  const aws = await createAws(
    { ...config, ...target, basePath: path.mode === 'path' ? path.path : undefined },
    context,
  );
  const scope = [target.fileSystemId, config.stack];
  const { service, lister, watch, changes, isBeingDestroyed, ...workbenches } = createWorkbenches(
    aws,
    { ...config, scope },
    context,
  );

  const { authenticated, oidc } = config;
  const provider = oidc && createProvider({ issuer: oidc.issuer, clock: systemClock });
  const verifyAccessToken = provider && oidc && createVerifyAccessToken(provider.key, oidc, systemClock);
  const authenticator = createAuthenticator(config.authentication, verifyAccessToken, systemClock);
  const sessionKeys = authenticated ? await sessionKeysOf(config) : undefined;
  const entrance = createEntrance({
    base,
    baseGiven: config.base !== undefined,
    authentication: sessionKeys && { authenticator, sessionKeys },
    frameAncestors: config.frameAncestors,
    origins: config.corsOrigins,
    ownerOf: lister.recordOf,
    clock: systemClock,
  });
  // Where the gateway is off, somebody else forwards, and browsers still enter here.
  const gateway =
    config.gateway || sessionKeys
      ? createGateway({
          ...entrance,
          ...config,
          forwards: config.gateway,
          base,
          baseGiven: config.base !== undefined,
          resolve: createResolve(lister),
          start: service.start,
          isBeingDestroyed,
          lookEveryMs: timings.lookEveryMs,
          logger,
        })
      : undefined;
  changes.add((workbenchId) => gateway?.lookAgain(workbenchId));
  const served = config.gateway || config.trustedProxies !== undefined;
  const openings = createOpenings({
    base,
    authenticated,
    entries: served ? entrance.entries : undefined,
    clock: systemClock,
  });
  const workbenchesOrigin = path.mode === 'path' ? originOf(path, '') : undefined;
  const door = createDoor({ ...config, base: path, workbenchesOrigin, listenHost: config.host }, logger);
  const http = {
    authenticator,
    service,
    watch,
    peek: lister.peek,
    probe: aws.probe,
    openings,
    clock: systemClock,
    logger,
  };
  const app = createHttp({ ...http, endpointOf: (workbenchId) => endpointOf(base(), workbenchId) }, config);

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

/** Undefined: nothing here lets a browser in. */
async function sessionKeysOf({ sessionKeys, cloud, localDirectory }: Config): Promise<readonly string[] | undefined> {
  return sessionKeys ?? (cloud === 'local' ? [await localSessionKey(localDirectory)] : undefined);
}

function always<T>(value: T): () => T {
  return () => value;
}

/** The port is known once the server listens. */
function onThisMachine(listeningPort: () => number): () => BaseUrl {
  let base: BaseUrl | undefined;
  return () => {
    const port = `:${listeningPort()}`;
    if (base?.port !== port) base = { scheme: 'http', port, mode: 'path', hostname: 'localhost', path: '/project' };
    return base;
  };
}

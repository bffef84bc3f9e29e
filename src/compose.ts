import type { Logger } from 'pino';
import { createAccess } from './access/createAccess.ts';
import { endpointOf } from './access/hosts/baseUrl.ts';
import { constant, localBase } from './access/hosts/localBase.ts';
import { cloudTarget } from './aws/cloudTarget.ts';
import { createAws } from './aws/createAws.ts';
import type { Config } from './config.ts';
import { createGateway, type Gateway } from './gateway/createGateway.ts';
import { createResolve } from './gateway/resolveWorkbench.ts';
import { authRouter } from './http/authRouter.ts';
import { consoleRouter } from './http/consoleRouter.ts';
import { createDoor, type Door } from './http/createDoor.ts';
import { createHttp } from './http/createHttp.ts';
import type { App } from './http/createServer.ts';
import { systemClock } from './lib/clock.ts';
import { defaultTimings, type Timings } from './lib/timings.ts';
import { embedLocalCloud } from './localCloud.ts';
import { createWorkbenches } from './workbench/createWorkbenches.ts';
import { createProfiles } from './workbench/model/Profile.ts';

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
  const base = config.base ? constant(config.base) : localBase(listeningPort);
  const path = base();

  const localCloud = config.embedded
    ? await embedLocalCloud({
        dir: config.localDirectory,
        port: config.localPort,
        region: config.region,
        logGroup: config.logGroup,
        runtime: config.localRuntime,
        nodePath,
        logger,
      })
    : undefined;
  if (localCloud) logger.info({ url: localCloud.url, dir: config.localDirectory }, 'the local cloud is up');
  const target = cloudTarget(config, localCloud?.url);

  const profiles = createProfiles(config.offer);
  const aws = await createAws(
    { ...config, ...target, basePath: path.mode === 'path' ? path.path : undefined },
    profiles,
    context,
  );
  const scope = [target.fileSystemId, config.stack];
  const { service, lister, overview, feed, signOut, watch, changes, isBeingDestroyed, ...workbenches } =
    createWorkbenches(aws, { ...config, scope, profiles }, context);

  const publicUrl = config.publicUrl
    ? constant(config.publicUrl)
    : () => `http://localhost:${listeningPort()}${config.urlPrefix}`;
  const access = await createAccess(config, {
    base,
    publicUrl,
    ownerOf: lister.recordOf,
    signOut,
    clock: systemClock,
  });
  const door = createDoor({ ...config, base: path, listenHost: config.host }, logger);
  const gateway = access.entrance
    ? createGateway({
        ...access.entrance,
        ...config,
        signIn: access.signIn,
        forwards: config.gateway,
        admits: (original) => door.judge(original, original.upgrade).toWorkbenches === undefined,
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

  const { authenticator, openings, signIn } = access;
  const endpoint = (workbenchId: string) => endpointOf(base(), workbenchId);
  const api = {
    service,
    overview,
    feed,
    watch,
    peek: lister.peek,
    profiles,
    probe: aws.probe,
    authenticator,
    openings,
    endpointOf: endpoint,
  };
  const console = consoleRouter(
    config.authenticated ? { authentication: 'token' } : { authentication: 'off', default_user: 'me' },
  );
  const routers = [console, ...(signIn ? [authRouter({ signIn, publicUrl, loginUrl: config.loginUrl, logger })] : [])];
  const app = createHttp({ ...api, routers, forProxies: gateway?.forProxies, clock: systemClock, logger }, config);

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

import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { AccessPoints } from './aws/AccessPoints.ts';
import { type CallPatience, createClients } from './aws/clients.ts';
import { createPaces } from './aws/createPaces.ts';
import { createProbe } from './aws/createProbe.ts';
import { EcsTaskDefinitions } from './aws/EcsTaskDefinitions.ts';
import { EcsTasks } from './aws/EcsTasks.ts';
import type { Config } from './config.ts';
import { createGateway, type Gateway } from './gateway/createGateway.ts';
import { isFromThisMachine } from './gateway/isFromThisMachine.ts';
import { createResolve } from './gateway/resolveWorkbench.ts';
import { createAuthenticate } from './http/authenticate.ts';
import { createApp } from './http/createApp.ts';
import type { App } from './http/createServer.ts';
import { EventStreams } from './http/EventStreams.ts';
import { createFastPoll } from './http/fastPoll.ts';
import { ItemRenderer } from './http/ItemRenderer.ts';
import { StreamLimit } from './http/StreamLimit.ts';
import { CallBudget } from './lib/CallBudget.ts';
import { systemClock } from './lib/clock.ts';
import { KeyedMutex } from './lib/KeyedMutex.ts';
import { embedLocalCloud } from './localcloud/embedLocalCloud.ts';
import { localDefaults } from './localcloud/localDefaults.ts';
import { ObservedTasks } from './workbench/cache/ObservedTasks.ts';
import { StatusWatch } from './workbench/cache/StatusWatch.ts';
import { TaskBoard } from './workbench/cache/TaskBoard.ts';
import { TaskSightings } from './workbench/cache/TaskSightings.ts';
import { WorkbenchIndex } from './workbench/cache/WorkbenchIndex.ts';
import { WorkbenchReader } from './workbench/cache/WorkbenchReader.ts';
import { Creator } from './workbench/commands/Creator.ts';
import { Destroyer } from './workbench/commands/Destroyer.ts';
import { createDeniedCreates } from './workbench/commands/deniedCreates.ts';
import { Launcher } from './workbench/commands/Launcher.ts';
import { Rollback } from './workbench/commands/Rollback.ts';
import { Starter } from './workbench/commands/Starter.ts';
import { Stopper } from './workbench/commands/Stopper.ts';
import { defaultPace, type Pace } from './workbench/Pace.ts';
import { OrphanCollector } from './workbench/upkeep/OrphanCollector.ts';
import { ReasonKeeper } from './workbench/upkeep/ReasonKeeper.ts';
import { Sweeper } from './workbench/upkeep/Sweeper.ts';
import { WorkbenchService } from './workbench/WorkbenchService.ts';

/** For reading single records; scans bring the rest. EFS publishes no rates. */
const RECORD_CALLS_PER_SECOND = 10;
/** What a create has to do once its access point's turn has come. Milliseconds. */
const AFTER_ITS_TURN_MS = 1_500;
/** Enough for every tab and script of a person, few enough that no client takes them all. */
const STREAMS_PER_USER = 1_000;

export type Controller = Readonly<{
  app: App;
  gateway: Gateway | undefined;
  /** Begins to look for what was left undone. */
  start(): void;
  /** Says goodbye to those who wait for changes. */
  endWaiting(): void;
  /** Ends the background work, then the local cloud with its tasks. */
  close(): Promise<void>;
}>;

/** What only the process knows. */
export type Surroundings = Readonly<{
  logger: Logger;
  nodePath: string;
  /** The port that the server listens on. */
  listeningPort: () => number;
  /** Tests are less patient here, and more there. */
  pace?: Partial<Pace>;
  callPatience?: CallPatience | undefined;
}>;

/** Builds the whole controller from its configuration. */
export async function compose(config: Config, surroundings: Surroundings): Promise<Controller> {
  const { logger, nodePath, listeningPort } = surroundings;
  const pace = { ...defaultPace, ...surroundings.pace };
  const clock = systemClock;
  const local = config.cloud === 'local';
  const cloud = config.embedded
    ? await embedLocalCloud({
        dir: config.localDirectory,
        port: config.localPort,
        region: config.region,
        runtime: config.localRuntime,
        nodePath,
        logger,
      })
    : undefined;
  if (cloud) logger.info({ url: cloud.url, dir: config.localDirectory }, 'the local cloud is up');

  const region = config.region ?? (local ? localDefaults.region : undefined);
  const cluster = config.cluster ?? localDefaults.clusterName;
  const fileSystemId = config.fileSystemId ?? localDefaults.fileSystemId;
  const clients = createClients(
    {
      region,
      ecsEndpoint: cloud?.url ?? config.endpoints.ecs,
      efsEndpoint: cloud?.url ?? config.endpoints.efs,
      credentials: local ? { accessKeyId: 'local', secretAccessKey: 'local' } : undefined,
    },
    clock,
    surroundings.callPatience,
  );
  const basePath = config.baseUrl ? new URL(config.baseUrl).pathname.replace(/\/$/, '') : '/project';
  const baseUrl = () => config.baseUrl ?? `http://localhost:${listeningPort()}${basePath}`;

  const paces = createPaces(clock);
  const turnWithinMs = Math.max(0, pace.answerWithinMs - AFTER_ITS_TURN_MS);
  const accessPoints = new AccessPoints(
    clients,
    paces,
    { stack: config.stack, fileSystemId, posixUser: config.posixUser, turnWithinMs },
    clock,
    logger,
  );
  const ecsTasks = new EcsTasks(
    clients.ecs,
    {
      stack: config.stack,
      cluster,
      containerPort: config.containerPort,
      subnets: config.subnets ?? localDefaults.subnets,
      securityGroups: config.securityGroups,
      assignPublicIp: config.assignPublicIp,
      capacityProviders: config.capacityProviders,
    },
    clock,
    logger,
  );
  const definitionConfig = {
    stack: config.stack,
    fileSystemId,
    image: config.image,
    bootCommand: config.bootCommand,
    containerPort: config.containerPort,
    workspacePath: config.workspacePath,
    basePath,
    region: region ?? (await clients.ecs.config.region()),
    logGroup: config.logGroup,
    executionRoleArn: config.executionRoleArn,
    taskRoleArn: config.taskRoleArn,
    fargate: config.capacityProviders.every(({ capacityProvider }) => capacityProvider.startsWith('FARGATE')),
  };
  const definitionsWithin = (turnMs: number) =>
    new EcsTaskDefinitions(clients, paces, turnMs, definitionConfig, clock, logger);
  const definitions = definitionsWithin(turnWithinMs);
  const definitionsOfDestroys = definitionsWithin(Number.POSITIVE_INFINITY);

  const budget = new CallBudget(config.statusCallsPerSecond, clock);
  const workbenches = new WorkbenchIndex(accessPoints, clock);
  const { visibilityGraceMs } = pace;
  const sightings = new TaskSightings(visibilityGraceMs);
  const tasks = new ObservedTasks({ tasks: ecsTasks, sightings, budget, clock });
  const board = new TaskBoard({ tasks, sightings, budget, clock, logger });
  const recordBudget = new CallBudget(RECORD_CALLS_PER_SECOND, clock);
  const reader = new WorkbenchReader({ index: workbenches, board, budget: recordBudget, clock, pace });
  const watch = new StatusWatch({ reader, index: workbenches, sightings, clock });

  const reasons = new ReasonKeeper({
    index: workbenches,
    sightings,
    tasks: ecsTasks,
    budget,
    visibilityGraceMs,
    clock,
    logger,
  });

  const launcher = new Launcher({ workbenches, tasks, definitions, clock, logger });
  const starter = new Starter({ workbenches, tasks, definitions, launcher, clock, pace });
  const stopper = new Stopper({ workbenches, tasks, launcher, clock, pace });
  const destroyer = new Destroyer({
    workbenches,
    tasks,
    definitions: definitionsOfDestroys,
    clock,
    logger,
    pace,
  });
  const rollback = new Rollback({ destroyer, clock, logger });
  const scope = [fileSystemId, config.stack];
  const denied = createDeniedCreates(clock);
  const creator = new Creator({ workbenches, definitions, launcher, rollback, denied, clock, scope });
  const sweeper = new Sweeper({ index: workbenches, destroyer, starter, denied, clock, pace, logger });
  const orphans = new OrphanCollector({
    index: workbenches,
    records: accessPoints,
    tasks,
    definitions,
    clock,
    pace,
    logger,
  });
  const mutex = new KeyedMutex();
  const service = new WorkbenchService({
    creator,
    starter,
    stopper,
    destroyer,
    reader,
    mutex,
    clock,
    pace,
    defaultSize: config.defaultSize,
  });

  const authenticated = Boolean(config.authentication.staticKey || config.authentication.jwtKey);
  const gateway = config.gateway
    ? createGateway({
        basePath,
        resolve: createResolve(reader),
        mayPass: (request: IncomingMessage) => !authenticated || isFromThisMachine(request),
        stripAuthorization: authenticated,
        logger,
      })
    : undefined;
  const authenticate = createAuthenticate(config.authentication, clock);
  const renderer = new ItemRenderer(baseUrl);
  const fastPoll = createFastPoll({ reader, renderer, authenticate, urlPrefix: config.urlPrefix, logger });
  const app = createApp({
    router: {
      service,
      watch,
      renderer,
      streams: new EventStreams(clock, watch.closing),
      limit: new StreamLimit(STREAMS_PER_USER),
    },
    gateway,
    probe: createProbe(clients, { cluster, fileSystemId }, clock),
    logger,
    urlPrefix: config.urlPrefix,
    corsOrigins: config.corsOrigins,
    authenticated,
    authenticate,
  });

  return {
    app: (request, response, next) => {
      if (!fastPoll(request, response)) app(request, response, next);
    },
    gateway,
    start: () => {
      sweeper.start();
      orphans.start();
      reasons.start();
    },
    endWaiting: () => watch.close(),
    close: async () => {
      watch.close();
      paces.close();
      await Promise.all([sweeper.close(), orphans.close(), reasons.close(), rollback.close(), destroyer.close()]);
      await board.close();
      clients.ecs.destroy();
      clients.efs.destroy();
      await cloud?.close();
    },
  };
}

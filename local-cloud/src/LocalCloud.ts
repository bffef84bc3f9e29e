import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { DirectoryLock } from './DirectoryLock.ts';
import { createEcs, type Ecs } from './ecs/createEcs.ts';
import type { StoredTaskDefinition } from './ecs/StoredTaskDefinition.ts';
import type { Task } from './ecs/Task.ts';
import type { AccessPoint, FileSystem } from './efs/AccessPoint.ts';
import { createEfs, type Efs } from './efs/createEfs.ts';
import type { CallCounts } from './front/CallCounter.ts';
import { createFront } from './front/createFront.ts';
import type { FaultRule, FaultRuleInput } from './front/faultRule.ts';
import { JournaledMap } from './JournaledMap.ts';
import type { LocalCloudOptions } from './LocalCloudOptions.ts';
import { listen } from './listen.ts';
import { localDefaults } from './localDefaults.ts';
import { createLogs } from './logs/createLogs.ts';
import type { LogGroup } from './logs/LogStore.ts';
import { createNetwork } from './network.ts';
import { TimingSettings } from './TimingSettings.ts';
import type { Timing } from './timing.ts';

export type { Capacity } from './ecs/EcsDependencies.ts';
export type { Task } from './ecs/Task.ts';
export type { AccessPoint } from './efs/AccessPoint.ts';
export type { OnCall } from './front/AwsCalls.ts';
export type { CallCounts } from './front/CallCounter.ts';
export type { FaultRule, FaultRuleInput } from './front/faultRule.ts';
export type { LocalCloudOptions } from './LocalCloudOptions.ts';

export type CloudSight = Readonly<{
  tasks: readonly Readonly<Task>[];
  taskDefinitions: readonly StoredTaskDefinition[];
  accessPoints: readonly AccessPoint[];
  /** `<group> <stream>` */
  logStreams: readonly string[];
}>;

export type LocalCloud = Readonly<{
  /** What AWS clients take as their endpoint, e.g. `http://127.0.0.1:40123`. */
  url: string;
  port: number;
  region: string;
  cluster: string;
  fileSystemId: string;
  subnets: readonly string[];
  securityGroups: readonly string[];
  /** Where a directory of the file system is on the host, e.g. that of an access point. */
  pathOf(directory: string): string;
  calls(): CallCounts;
  clearCalls(): void;
  /** Replaces all rules. @throws z.ZodError */
  setFaults(rules: readonly FaultRuleInput[]): FaultRule[];
  clearFaults(): void;
  /** Changes the given keys only. @throws z.ZodError */
  changeTiming(partial: Partial<Timing>): Timing;
  stopTaskAs: Ecs['stopTaskAs'];
  setAccessPointState: Efs['setAccessPointState'];
  /** What there really is at this moment, past faults, delays and pages: for those who check on others. */
  look(): CloudSight;
  /** Ends the tasks and the open connections. Data stay. */
  close(): Promise<void>;
}>;

/** Starts ECS, EFS and CloudWatch Logs behind one endpoint of this host. @throws Error if the directory or the port is taken */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const lock = DirectoryLock.acquire(options.dir);
  try {
    return await start(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function start(options: LocalCloudOptions, lock: DirectoryLock): Promise<LocalCloud> {
  const { runtime, logger, capacity = {}, onCall, host = '127.0.0.1', random = Math.random } = options;
  const region = options.region ?? localDefaults.region;
  const cluster = options.clusterName ?? localDefaults.clusterName;
  const fileSystemId = options.fileSystemId ?? localDefaults.fileSystemId;
  const { vpcId } = localDefaults;
  const { subnets = localDefaults.subnets, securityGroups = localDefaults.securityGroups } = options;
  const dir = resolve(options.dir);

  const journals: JournaledMap<unknown>[] = [];
  const journal = <V>(name: string): JournaledMap<V> => {
    const map = new JournaledMap<V>(join(dir, 'state', `${name}.jsonl`));
    journals.push(map as JournaledMap<unknown>);
    return map;
  };
  const timing = new TimingSettings(options.timing);
  const common = {
    region,
    accountId: localDefaults.accountId,
    network: createNetwork(region, { vpcId, subnets, securityGroups }),
    timing,
    now: () => Date.now(),
    randomHex: (bytes: number) => randomBytes(bytes).toString('hex'),
  };

  await runtime.open();
  const efs = createEfs({
    ...common,
    fileSystemId,
    accessPoints: journal<AccessPoint>('access-points'),
    fileSystems: journal<FileSystem>('file-systems'),
    dir: join(dir, 'efs'),
    accessPointQuota: options.accessPointQuota ?? localDefaults.accessPointQuota,
  });
  const logs = createLogs({
    ...common,
    groups: journal<LogGroup>('log-groups'),
    logGroups: options.logGroups ?? [localDefaults.logGroup],
    dir: join(dir, 'logs'),
    logger,
  });
  const ecs = createEcs({
    ...common,
    cluster,
    capacityProviders: options.capacityProviders ?? localDefaults.capacityProviders,
    taskDefinitions: journal<StoredTaskDefinition>('task-definitions'),
    revisions: journal<number>('revisions'),
    runtime,
    mountSource: efs.mountSource,
    openLog: logs.openLog,
    capacity,
    logger,
  });

  const closing = new AbortController();
  const { handle, control } = createFront({
    services: { ecs: ecs.operations, efs: efs.operations, logs: logs.operations },
    timing,
    random,
    monotonicNow: () => performance.now(),
    newRequestId: () => randomUUID(),
    onCall,
    logger,
    closing: closing.signal,
    host,
  });
  // Clients keep connections open longer than Node's five seconds, and would now and then write into a closed one.
  const server = createServer({ keepAliveTimeout: 65_000 }, handle);
  async function end(): Promise<void> {
    closing.abort();
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
    await ecs.close();
    for (const map of journals) map.close();
    lock.release();
  }

  const port = await listen(server, options.port, host).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  let ending: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    region,
    cluster,
    fileSystemId,
    subnets,
    securityGroups,
    pathOf: (directory) => efs.pathOf(fileSystemId, directory),
    calls: () => control.calls(),
    clearCalls: () => control.clearCalls(),
    setFaults: (rules) => control.setFaults(rules),
    clearFaults: () => void control.setFaults([]),
    changeTiming: (partial) => control.changeTiming(partial),
    stopTaskAs: ecs.stopTaskAs,
    setAccessPointState: efs.setAccessPointState,
    look: () => ({
      tasks: [...ecs.tasks()],
      taskDefinitions: [...ecs.taskDefinitions()],
      accessPoints: [...efs.accessPoints()],
      logStreams: logs.streams(),
    }),
    close: () => {
      ending ??= end();
      return ending;
    },
  };
}

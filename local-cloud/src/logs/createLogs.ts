import type { Logger } from '../Logger.ts';
import type { Collection, Operations } from '../operation.ts';
import type { ContainerLog } from '../runtime/ContainerRuntime.ts';
import { createLogSink } from './createLogSink.ts';
import { type LogGroup, LogStore } from './LogStore.ts';
import { logOperations } from './logOperations.ts';

export type LogsDependencies = Readonly<{
  region: string;
  accountId: string;
  groups: Collection<LogGroup>;
  /** Those that exist; made if they don't. */
  logGroups: readonly string[];
  /** Where the streams' events are. */
  dir: string;
  mostStreams?: number;
  logger: Logger;
  /** Milliseconds since the epoch. */
  now(): number;
}>;

/** What a task's log driver asks for. */
export type LogDestination = Readonly<{ group: string; stream: string; createGroup: boolean }>;

export type Logs = Readonly<{
  operations: Operations;
  /** @throws AwsError */
  openLog(destination: LogDestination): ContainerLog;
  /** `<group> <stream>` of each that there is. */
  streams(): readonly string[];
}>;

/** CloudWatch Logs, as far as the awslogs driver and its readers go. It survives a restart. */
export function createLogs({ region, accountId, groups, dir, logger, now, ...options }: LogsDependencies): Logs {
  const store = new LogStore(groups, dir, options.mostStreams ?? 1_000);
  const ensureGroup = (name: string): void => {
    if (!store.hasGroup(name)) store.createGroup(name, now());
  };
  for (const name of options.logGroups) ensureGroup(name);
  return {
    operations: logOperations(store, `arn:aws:logs:${region}:${accountId}`, now),
    openLog({ group, stream, createGroup }) {
      if (createGroup) ensureGroup(group);
      const opened = store.open(group, stream, now());
      // As the driver in its non-blocking mode: a full disk costs lines, and stops no task.
      const append: typeof opened.append = (events) =>
        opened.append(events).catch((error: unknown) => logger.warn({ err: error, group, stream }, 'log lines lost'));
      return { stdout: createLogSink(append, now), stderr: createLogSink(append, now) };
    },
    streams: () =>
      [...groups.keys()].flatMap((group) => store.streamsOf(group).map(({ head }) => `${group} ${head.name}`)),
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EFSClient } from '@aws-sdk/client-efs';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@workbench/local-cloud';
import { createIdleRuntime } from '@workbench/local-cloud/idle-runtime';
import { instantTiming } from '@workbench/local-cloud/timing';
import { pino } from 'pino';

export type TestCloud = Readonly<{
  cloud: LocalCloud;
  dir: string;
  /** The real clients. They do not retry: a test sees what the local cloud said. */
  efs: EFSClient;
  ecs: ECSClient;
  logs: CloudWatchLogsClient;
  /** Closes the cloud and starts another one on the same directory. */
  restart(options?: Partial<LocalCloudOptions>): Promise<TestCloud>;
  /** Closes the cloud and removes its directory. */
  [Symbol.asyncDispose](): Promise<void>;
}>;

/** A local cloud of a test's own: instant, on any port, in a directory of its own, its tasks no processes. */
export async function startTestCloud(options: Partial<LocalCloudOptions> = {}): Promise<TestCloud> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'local-cloud-')));
  const logger = pino({ level: 'silent' });
  const runtime = createIdleRuntime();
  const cloud = await startLocalCloud({ port: 0, timing: instantTiming, runtime, logger, ...options, dir });
  const clientOptions = {
    endpoint: cloud.url,
    region: cloud.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const efs = new EFSClient(clientOptions);
  const ecs = new ECSClient(clientOptions);
  const logs = new CloudWatchLogsClient(clientOptions);
  async function close(): Promise<void> {
    efs.destroy();
    ecs.destroy();
    logs.destroy();
    await cloud.close();
  }
  return {
    cloud,
    dir,
    efs,
    ecs,
    logs,
    async restart(changed = {}) {
      await close();
      return startTestCloud({ ...options, ...changed, dir });
    },
    async [Symbol.asyncDispose]() {
      await close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

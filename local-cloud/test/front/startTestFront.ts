import { createServer } from 'node:http';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EFSClient } from '@aws-sdk/client-efs';
import { pino } from 'pino';
import { createFront, type Front, type FrontDependencies } from '../../src/front/createFront.ts';
import { listen } from '../../src/listen.ts';
import type { Operations } from '../../src/operation.ts';
import { TimingSettings } from '../../src/TimingSettings.ts';
import { instantTiming } from '../../src/timing.ts';

export type TestFront = Front &
  Readonly<{ url: string; ecs: ECSClient; efs: EFSClient; [Symbol.asyncDispose](): Promise<void> }>;

/** The front alone, before whatever operations a test gives it, and the real clients. They do not retry. */
export async function startTestFront(
  services: { ecs?: Operations; efs?: Operations },
  options: Partial<FrontDependencies> = {},
): Promise<TestFront> {
  let requests = 0;
  const closing = new AbortController();
  const front = createFront({
    services: { ecs: {}, efs: {}, logs: {}, ...services },
    timing: new TimingSettings(instantTiming),
    random: () => 0,
    monotonicNow: () => 0,
    newRequestId: () => {
      requests += 1;
      return `request-${requests}`;
    },
    onCall: undefined,
    logger: pino({ level: 'silent' }),
    closing: closing.signal,
    ...options,
  });
  const server = createServer(front.handle);
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  const clientOptions = {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const ecs = new ECSClient(clientOptions);
  const efs = new EFSClient(clientOptions);
  return {
    ...front,
    url,
    ecs,
    efs,
    async [Symbol.asyncDispose]() {
      closing.abort();
      ecs.destroy();
      efs.destroy();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

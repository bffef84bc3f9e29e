import { DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { DescribeFileSystemsCommand } from '@aws-sdk/client-efs';
import type { Context } from '../lib/Context.ts';
import { UpstreamError } from '../lib/errors.ts';
import { callAws } from './awsErrors.ts';
import type { Clients } from './clients.ts';

/**
 * Tells whether the cloud answers and has what the workbenches need.
 * @returns rejects with UnavailableError or UpstreamError if not
 */
export function createProbe(
  { ecs, efs }: Clients,
  { cluster, fileSystemId }: Readonly<{ cluster: string; fileSystemId: string }>,
  { clock, timings }: Context,
): () => Promise<void> {
  async function ask(): Promise<void> {
    const [{ clusters = [] }, { FileSystems = [] }] = await Promise.all([
      callAws(() => ecs.send(new DescribeClustersCommand({ clusters: [cluster] }))),
      callAws(() => efs.send(new DescribeFileSystemsCommand({ FileSystemId: fileSystemId }))),
    ]);
    if (clusters[0]?.status !== 'ACTIVE') throw new UpstreamError('The ECS cluster is not active');
    if (FileSystems.length === 0) throw new UpstreamError('The file system is not there');
  }

  let latest: Readonly<{ askedAt: number; answer: Promise<void> }> | undefined;
  return async () => {
    if (!latest || clock.monotonic() - latest.askedAt > timings.probeFreshMs) {
      latest = { askedAt: clock.monotonic(), answer: ask() };
    }
    await latest.answer;
  };
}

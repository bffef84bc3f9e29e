import { createEfs, type Efs } from '../../src/efs/createEfs.ts';
import { localDefaults } from '../../src/localDefaults.ts';
import { createNetwork } from '../../src/network.ts';
import { instantTiming } from '../../src/timing.ts';

/** EFS alone, in memory, with ids that count up from `…1`. `dir` holds the file systems. */
export function createTestEfs(
  dir: string,
  fileSystemId: string = localDefaults.fileSystemId,
  ...others: string[]
): Efs {
  let ids = 0;
  return createEfs({
    ...localDefaults,
    network: createNetwork(localDefaults.region, localDefaults),
    accessPoints: new Map(),
    fileSystemId,
    fileSystems: new Map(others.map((id) => [id, { id, creationToken: id, createdAt: 0, tags: [] }])),
    dir,
    timing: { current: instantTiming },
    now: () => 1_700_000_000_000,
    randomHex: (bytes) => {
      ids += 1;
      return ids.toString(16).padStart(bytes * 2, '0');
    },
  });
}

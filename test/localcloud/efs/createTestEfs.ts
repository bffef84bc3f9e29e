import { createEfs, type Efs } from '../../../src/localcloud/efs/createEfs.ts';
import { localDefaults } from '../../../src/localcloud/localDefaults.ts';
import { instantTiming } from '../../../src/localcloud/timing.ts';

/** EFS alone, in memory, with ids that count up from `…1`. `dir` holds the file system. */
export function createTestEfs(dir: string): Efs {
  let ids = 0;
  return createEfs({
    ...localDefaults,
    accessPoints: new Map(),
    fileSystems: new Map(),
    dir,
    timing: { current: instantTiming },
    now: () => 1_700_000_000_000,
    randomHex: (bytes) => {
      ids += 1;
      return ids.toString(16).padStart(bytes * 2, '0');
    },
  });
}

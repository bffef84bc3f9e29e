import { type Finding, ok, warning } from './Finding.ts';

/** EFS's default, adjustable; what was granted is not to be seen with EFS's own calls. */
const ACCESS_POINTS = 10_000;
const NEAR = 0.8;

/** @param count of the file system's access points, of all stacks: one a workbench */
export function quotaFindings(count: number): Finding[] {
  const message = `${count} of ${ACCESS_POINTS} access points of the file system are in use`;
  if (count < ACCESS_POINTS * NEAR) return [ok('quotas', message)];
  const remedy =
    'Have the quota "Access points per file system" raised, or destroy workbenches; if it was raised, all is well';
  return [warning('quotas', message, remedy)];
}

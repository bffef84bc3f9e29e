import type { Config } from '../config.ts';

/** What the configuration means, once its gaps are filled. */
export type Target = Readonly<{
  local: boolean;
  region: string;
  cluster: string;
  fileSystemId: string;
  subnets: readonly string[];
  /** Of all profiles. */
  images: readonly string[];
  /** The names of those of all profiles. */
  capacityProviders: readonly string[];
}> &
  Pick<Config, 'securityGroups' | 'executionRoleArn' | 'taskRoleArn' | 'logGroup' | 'stack' | 'assignPublicIp'>;

/** The parts of an ARN; undefined for a plain name or id. */
export function arnOf(text: string): Readonly<{ region: string; account: string }> | undefined {
  const [, region = '', account = ''] = /^arn:[^:]+:[^:]+:([^:]*):(\d*):/.exec(text) ?? [];
  return account === '' ? undefined : { region, account };
}

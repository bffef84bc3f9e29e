import type { ListAccountSettingsCommandOutput } from '@aws-sdk/client-ecs';
import { type Finding, failed, ok, warning } from './Finding.ts';

const name = 'taskLongArnFormat';

/** Only tasks with long ARNs carry tags, and RunTask sends some. @param answer effective settings of that name */
export function accountSettingFindings({
  settings = [],
}: Pick<ListAccountSettingsCommandOutput, 'settings'>): Finding[] {
  const value = settings.find((setting) => setting.name === name)?.value;
  if (value === 'enabled' || value === 'on') return [ok('task ARNs', 'tasks get long ARNs, so they can carry tags')];
  const remedy = `Switch them on: aws ecs put-account-setting-default --name ${name} --value enabled`;
  // Endpoints that only resemble AWS show no settings, and give long ARNs all the same.
  if (value === undefined) return [warning('task ARNs', `whether tasks get long ARNs is not shown (${name})`, remedy)];
  return [failed('task ARNs', `tasks get short ARNs, which carry no tags (${name}: ${value})`, remedy)];
}
